import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Alert } from '../alert/alert.ts';
import { FlowError, messageOf } from '../common/errors.ts';
import type { NetworkFile } from '../networks/network-file.ts';
import type { BatchReport } from '../telemetry/batch-report.ts';
import type { Log } from '../telemetry/log.ts';
import {
  alertsMetric,
  type BatchMetric,
  commonDimensions,
  type DelayMetric,
  failuresMetric,
  type Metric,
  metricsNamespace,
  serviceName,
} from '../telemetry/metrics.ts';
import type { ListLog } from './s3-network-lists.ts';

/** Reports batches and lists, each as one line of JSON in the function's log, and as CloudWatch metrics in the embedded format. */
export class EmfTelemetry implements Log, ListLog {
  readonly #logger = new Logger({ serviceName });
  readonly #metrics: Metrics;
  readonly #now: () => number;

  /**
   * @param stackName what the metrics are told apart by from those of other stacks
   * @param now in milliseconds since the epoch
   */
  constructor(stackName: string, now: () => number = () => Date.now()) {
    const defaultDimensions = { ...commonDimensions(stackName) };
    this.#metrics = new Metrics({ namespace: metricsNamespace, serviceName, defaultDimensions });
    this.#now = now;
  }

  report(report: BatchReport): void {
    if (report.overflowPairs + report.droppedGroups > 0) {
      this.#logger.warn('a flood was collapsed: light pairs are counted together', { ...report });
    } else if (report.unreadable > 0) this.#logger.warn('some lines could not be read', { ...report });
    else if (report.expiredFilters.length > 0) this.#logger.warn('filters have expired', { ...report });
    else this.#logger.info('batch counted', { ...report });
    const { ok, dropped, failed } = report.records;
    const counts: Record<BatchMetric, number> = {
      RecordsOk: ok,
      RecordsDropped: dropped,
      RecordsFailed: failed,
      RecordsOverflowed: report.overflowed,
      FlowsRead: report.flows,
      CountersTouched: report.countersTouched,
      PairsInOverflow: report.overflowPairs,
      GroupsDropped: report.droppedGroups,
      AlertsPublished: report.alertsPublished,
      AlertsLogged: report.alertsLogged,
      AlertsDeferred: report.alertsDeferred,
      AlertsSuppressed: report.alertsSuppressed,
      FiltersExpired: report.expiredFilters.length,
    };
    for (const [name, value] of Object.entries(counts)) this.#add(name as BatchMetric, value);
    if (report.delaySeconds !== undefined) this.#addDelay('Delay', report.delaySeconds);
    if (report.earliestEnd !== undefined) this.#addDelay('CountDelay', this.#now() / 1000 - report.earliestEnd);
    this.#metrics.publishStoredMetrics();
    for (const { rule, level, alerts } of report.alertsByRule) this.#addOne(alertsMetric, { rule, level }, alerts);
  }

  /** Tells of a batch that must come again. */
  failed(error: unknown): void {
    const code = error instanceof FlowError ? error.code : 'UNEXPECTED';
    this.#logger.error('batch failed', { code, problem: messageOf(error) });
    this.#addOne(failuresMetric, { code }, 1);
  }

  alert({ subject, body }: Alert): void {
    this.#logger.warn('an experimental rule would have alerted', { subject, alert: JSON.parse(body) as object });
  }

  listRead(list: string, { entries, unreadable, problems }: NetworkFile): void {
    const read = { list, networks: entries.length, unreadable, problems };
    if (unreadable > 0) this.#logger.warn('some lines of a list could not be read', read);
    else this.#logger.info('list read', read);
    this.#add('ListLinesUnreadable', unreadable);
    this.#metrics.publishStoredMetrics();
  }

  listFailed(list: string, problem: string): void {
    this.#logger.warn('a list could not be read and stays as it was', { list, problem });
    this.#add('ListReadFailed', 1);
    this.#metrics.publishStoredMetrics();
  }

  #add(name: Exclude<Metric, DelayMetric>, value: number): void {
    this.#metrics.addMetric(name, 'Count', value);
  }

  /** A clock may be ahead, and CloudWatch has no median of what was once negative (User Guide, "Percentiles"). */
  #addDelay(name: DelayMetric, seconds: number): void {
    this.#metrics.addMetric(name, 'Seconds', Math.max(0, Math.round(seconds)));
  }

  /** A metric with dimensions of its own besides the common ones. */
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
