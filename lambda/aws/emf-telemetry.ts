import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Alert } from '../alert/alert.ts';
import { FlowError, messageOf } from '../common/errors.ts';
import { utc } from '../common/format-units.ts';
import type { GeoTable } from '../geo/geo-table.ts';
import type { NetworkFile } from '../networks/network-file.ts';
import type { AlertReport } from '../telemetry/alert-report.ts';
import type { BatchReport } from '../telemetry/batch-report.ts';
import type { FlushReport } from '../telemetry/flush-report.ts';
import type { Log } from '../telemetry/log.ts';
import {
  type AlertMetric,
  alertsMetric,
  type BatchMetric,
  commonDimensions,
  type DelayMetric,
  type FlushMetric,
  failuresMetric,
  flushFailuresMetric,
  type Metric,
  metricsNamespace,
  type RareMetric,
  serviceName,
} from '../telemetry/metrics.ts';
import type { NameLog } from './dynamo-names.ts';
import type { GeoLog } from './s3-geo-table.ts';
import type { ListLog } from './s3-network-lists.ts';
import type { ContextLog } from './stored-context.ts';

/**
 * Reports batches, lists, names, context and the geo table: one line of JSON each in the function's log, and CloudWatch metrics in the
 * embedded format.
 */
export class EmfTelemetry implements Log, ListLog, NameLog, ContextLog, GeoLog {
  readonly #logger = new Logger({ serviceName });
  readonly #metrics: Metrics;
  readonly #now: () => number;

  /**
   * @param stackName the dimension that separates the metrics of stacks
   * @param now in milliseconds since the epoch
   */
  constructor(stackName: string, now: () => number = () => Date.now()) {
    const defaultDimensions = { ...commonDimensions(stackName) };
    this.#metrics = new Metrics({ namespace: metricsNamespace, serviceName, defaultDimensions });
    this.#now = now;
  }

  /** Reports a counted batch. */
  report(report: BatchReport): void {
    if (report.overflowPairs + report.droppedGroups > 0) {
      this.#logger.warn('a flood exceeded the counter limits: light pairs share overflow counters', { ...report });
    } else if (report.implausibleTimes > 0) {
      this.#logger.warn('some flows end at an implausible time: they count in totals and in no window', { ...report });
    } else if (report.unreadable > 0) this.#logger.warn('some lines are unreadable', { ...report });
    else if (report.expiredFilters.length > 0) this.#logger.warn('filters have expired', { ...report });
    else this.#logger.info('batch counted', { ...report });
    const { ok, dropped, failed } = report.records;
    const counts: Record<BatchMetric, number> = {
      RecordsOk: ok,
      FlowsRead: report.flows,
      CountersTouched: report.countersTouched,
    };
    const rareCounts: Record<Exclude<RareMetric, AlertMetric>, number> = {
      RecordsDropped: dropped,
      RecordsFailed: failed,
      RecordsOverflowed: report.overflowed,
      PairsInOverflow: report.overflowPairs,
      GroupsDropped: report.droppedGroups,
      FiltersExpired: report.expiredFilters.length,
      TimesImplausible: report.implausibleTimes,
      DuplicateObservations: report.duplicateObservations,
    };
    for (const [name, value] of Object.entries(counts)) this.#add(name as BatchMetric, value);
    for (const [name, value] of Object.entries(rareCounts)) if (value > 0) this.#add(name as RareMetric, value);
    this.#addAlerts(report);
    if (report.delaySeconds !== undefined) this.#addDelay('Delay', report.delaySeconds);
    if (report.earliestEnd !== undefined) this.#addDelay('CountDelay', this.#now() / 1000 - report.earliestEnd);
    this.#metrics.publishStoredMetrics();
    this.#addAlertsByRule(report);
  }

  #addAlerts(report: AlertReport): void {
    const counts: Record<AlertMetric, number> = {
      AlertsPublished: report.alertsPublished,
      AlertsLogged: report.alertsLogged,
      AlertsDeferred: report.alertsDeferred,
      AlertsSuppressed: report.alertsSuppressed,
      AlertsWaiting: report.alertsWaiting,
      AlertsUnlisted: report.alertsUnlisted,
      SevereAlertsWaiting: report.severeAlertsWaiting,
    };
    for (const [name, value] of Object.entries(counts)) if (value > 0) this.#add(name as AlertMetric, value);
  }

  #addAlertsByRule({ alertsByRule }: AlertReport): void {
    for (const { rule, level, alerts } of alertsByRule) this.#addOne(alertsMetric, { rule, level }, alerts);
  }

  /** Reports a failed batch, which Firehose retries. */
  failed(error: unknown): void {
    const code = error instanceof FlowError ? error.code : 'UNEXPECTED';
    this.#logger.error('batch failed', { code, problem: messageOf(error) });
    this.#addOne(failuresMetric, { code }, 1);
  }

  /** Reports a flush of the journal; nothing if it was not time to flush and no alert waited. */
  flushed(report: FlushReport): void {
    if (isIdle(report)) return;
    if (report.problems.length > 0) this.#logger.warn('a part of the journal was not flushed', { ...report });
    else this.#logger.info('journal flushed', { ...report });
    if (report.countersTouched > 0) this.#add('CountersTouched', report.countersTouched);
    this.#addAlerts(report);
    if (report.lanes > 0) this.#addDelay('UncountedAge', report.uncountedSeconds);
    if (report.aheadSeconds > 0) this.#addDelay('ClockAhead', report.aheadSeconds);
    if (report.earliestEnd !== undefined) this.#addDelay('CountDelay', this.#now() / 1000 - report.earliestEnd);
    this.#metrics.publishStoredMetrics();
    this.#addAlertsByRule(report);
  }

  /** Reports the alerts of an event. */
  alerted(report: AlertReport): void {
    if (report.alertsByRule.length + report.alertsDeferred + report.alertsUnlisted === 0) return;
    this.#logger.info('event counted', { ...report });
    this.#addAlerts(report);
    this.#metrics.publishStoredMetrics();
    this.#addAlertsByRule(report);
  }

  /** Reports why a flush failed, or what it left behind. */
  flushFailed(error: unknown): void {
    const code = error instanceof FlowError ? error.code : 'UNEXPECTED';
    this.#logger.error('flush failed', { code, problem: messageOf(error) });
    this.#addOne(flushFailuresMetric, { code }, 1);
  }

  /** Logs an alert of an experimental rule. */
  alert({ subject, body }: Alert): void {
    this.#logger.warn('alert of an experimental rule, not sent', { subject, alert: JSON.parse(body) as object });
  }

  listRead(list: string, { entries, unreadable, problems }: NetworkFile): void {
    const read = { list, networks: entries.length, unreadable, problems };
    if (unreadable === 0) {
      this.#logger.info('network list read', read);
      return;
    }
    this.#logger.warn('some lines of a network list are unreadable', read);
    this.#add('ListLinesUnreadable', unreadable);
    this.#metrics.publishStoredMetrics();
  }

  listFailed(list: string, problem: string): void {
    this.#logger.warn('a network list could not be read, its previous content stays in use', { list, problem });
    this.#add('ListReadFailed', 1);
    this.#metrics.publishStoredMetrics();
  }

  namesUnread(problem: string): void {
    this.#logger.warn('names of addresses could not be read, the alerts go out without them', { problem });
    this.#add('NameReadsFailed', 1);
    this.#metrics.publishStoredMetrics();
  }

  namesUnasked(names: number, problem: string): void {
    this.#logger.warn('names of addresses could not be asked for', { names, problem });
    this.#add('NamesNotRequested', names);
    this.#metrics.publishStoredMetrics();
  }

  contextUnread(problem: string): void {
    this.#logger.warn('context could not be read, the alerts go out without it', { problem });
    this.#add('ContextNotRead', 1);
    this.#metrics.publishStoredMetrics();
  }

  contextUnwritten(alerts: number, problem: string): void {
    this.#logger.warn('sent alerts could not be stored, later events cannot update them', { alerts, problem });
    this.#add('ContextNotWritten', alerts);
    this.#metrics.publishStoredMetrics();
  }

  geoTableRead({ dataTime, sources, counts }: GeoTable): void {
    this.#logger.info('geo table read', { data: utc(dataTime), sources, ...counts });
  }

  geoTableUsed(dataTime: number): void {
    this.#addDelay('GeoTableAge', this.#now() / 1000 - dataTime);
    this.#metrics.publishStoredMetrics();
  }

  geoTableFailed(problem: string, hasTable: boolean): void {
    const effect = hasTable ? 'its previous content stays in use' : 'countries and operators are unknown';
    this.#logger.warn(`the geo table could not be read, ${effect}`, { problem });
    this.#add('GeoTableReadFailed', 1);
    this.#metrics.publishStoredMetrics();
  }

  #add(name: Exclude<Metric, DelayMetric | FlushMetric | 'GeoTableAge' | 'ContextEventAge'>, value: number): void {
    this.#metrics.addMetric(name, 'Count', value);
  }

  /**
   * Adds a delay, at least 0: a clock may be ahead, and CloudWatch has no percentiles of negative values (User Guide,
   * "Percentiles").
   */
  #addDelay(name: DelayMetric | FlushMetric | 'GeoTableAge', seconds: number): void {
    this.#metrics.addMetric(name, 'Seconds', Math.max(0, Math.round(seconds)));
  }

  /** Publishes a metric with further dimensions besides the common ones. */
  #addOne<D extends string>(
    { name, dimensions }: { readonly name: string; readonly dimensions: readonly D[] },
    values: Readonly<Record<D, string>>,
    count: number,
  ): void {
    const metric = this.#metrics.singleMetric();
    metric.addDimensions(Object.fromEntries(dimensions.map((dimension) => [dimension, values[dimension]])));
    metric.addMetric(name, 'Count', count);
  }
}

/** Returns whether a flush has nothing to tell: CloudWatch bills each metric and each line. */
function isIdle({ lanes, alertsByRule, alertsWaiting, alertsUnlisted, problems }: FlushReport): boolean {
  return lanes === 0 && alertsByRule.length === 0 && alertsWaiting + alertsUnlisted + problems.length === 0;
}
