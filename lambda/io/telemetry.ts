import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Alert } from '../core/alert.ts';
import type { NetworkFile } from '../core/network-file.ts';
import type { BatchReport } from '../core/report.ts';
import type { Log } from '../ports.ts';
import type { ListLog } from './list-source.ts';

/** Where the metrics are found in CloudWatch. */
const metricsNamespace = 'FlowSentinel';

/** Reports batches and lists, each as one line of JSON in the function's log, and as CloudWatch metrics in the embedded format. */
export class Telemetry implements Log, ListLog {
  readonly #logger = new Logger({ serviceName: 'flow-sentinel' });
  readonly #metrics = new Metrics({ namespace: metricsNamespace, serviceName: 'flow-sentinel' });

  report(report: BatchReport): void {
    if (report.collapsedPairs + report.droppedGroups > 0) {
      this.#logger.warn('a flood was collapsed: light pairs are counted together', { ...report });
    } else if (report.unreadable > 0) this.#logger.warn('some lines could not be read', { ...report });
    else if (report.expiredFilters.length > 0) this.#logger.warn('filters have expired', { ...report });
    else this.#logger.info('batch counted', { ...report });
    const { ok, dropped, failed } = report.records;
    const counts = {
      RecordsOk: ok,
      RecordsDropped: dropped,
      RecordsFailed: failed,
      RecordsOverflowed: report.overflowed,
      FlowsRead: report.flows,
      CountersTouched: report.countersTouched,
      PairsCollapsed: report.collapsedPairs,
      GroupsDropped: report.droppedGroups,
      AlertsPublished: report.alertsPublished,
      AlertsLogged: report.alertsLogged,
      AlertsDeferred: report.alertsDeferred,
      AlertsHeldBack: report.alertsHeldBack,
      FiltersExpired: report.expiredFilters.length,
    };
    for (const [name, value] of Object.entries(counts)) this.#metrics.addMetric(name, MetricUnit.Count, value);
    if (report.delaySeconds !== undefined) this.#metrics.addMetric('Delay', MetricUnit.Seconds, report.delaySeconds);
    this.#metrics.publishStoredMetrics();
    for (const { rule, level, alerts } of report.alertsByRule) {
      const metric = this.#metrics.singleMetric();
      metric.addDimensions({ rule, level });
      metric.addMetric('Alerts', MetricUnit.Count, alerts);
    }
  }

  alert({ subject, body }: Alert): void {
    this.#logger.warn('an experimental rule would have alerted', { subject, alert: JSON.parse(body) as object });
  }

  listRead(list: string, { entries, unreadable, problems }: NetworkFile): void {
    const read = { list, networks: entries.length, unreadable, problems };
    if (unreadable > 0) this.#logger.warn('some lines of a list could not be read', read);
    else this.#logger.info('list read', read);
    this.#metrics.addMetric('ListLinesUnreadable', MetricUnit.Count, unreadable);
    this.#metrics.publishStoredMetrics();
  }

  listFailed(list: string, problem: string): void {
    this.#logger.warn('a list could not be read and stays as it was', { list, problem });
    this.#metrics.addMetric('ListReadFailed', MetricUnit.Count, 1);
    this.#metrics.publishStoredMetrics();
  }
}
