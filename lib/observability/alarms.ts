import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { maxReEvaluated } from '../../lambda/alert/choose-re-evaluations.ts';
import { maxAgeDays } from '../../lambda/geo/max-age.ts';
import type { ContextEvents } from '../context/context-events.ts';
import type { CounterTable } from '../detector/counter-table.ts';
import { type Detector, detectorTimeout } from '../detector/detector.ts';
import type { FlushFunction } from '../detector/flush-function.ts';
import type { JournalTable } from '../detector/journal-table.ts';
import type { FailedRecordsQueue } from '../lake/failed-records-queue.ts';
import type { LakeBucket } from '../lake/lake-bucket.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import type { Settings } from '../settings/settings.ts';
import { failedBatches, failedFlushes, functionMetric } from './function-metric.ts';

/** The parts of the stack that alarms and dashboard monitor. */
export interface MonitoredResources {
  readonly stream: IDeliveryStream;
  readonly detector: Detector;
  readonly flush: FlushFunction;
  readonly lake: LakeBucket;
  readonly failedRecords: FailedRecordsQueue;
  readonly table: CounterTable;
  readonly journal: JournalTable;
  readonly topic: AlertTopic;
  /**
   * The way of findings and network changes.
   *
   * @default none
   */
  readonly contextEvents?: ContextEvents | undefined;
  readonly settings: Pick<Settings, 'bufferIntervalSeconds' | 'counting' | 'countEvery' | 'geoTable'>;
}

export interface AlarmsProps extends MonitoredResources {
  /** The action when an alarm fires and when it returns to OK. */
  readonly action: IAlarmAction;
}

/** The metric and threshold of an alarm. */
interface AlarmDefinition {
  /** The meaning of the alarm, in one sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** The number of breaching periods, among the last `periods`, that fires the alarm. */
  readonly breaches: number;
  readonly periods: number;
  /**
   * The meaning of a period without data.
   *
   * @default not breaching, since most metrics are only published with data
   */
  readonly missing?: TreatMissingData;
}

const short = Duration.minutes(5);
const long = Duration.minutes(15);

const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
const above = ComparisonOperator.GREATER_THAN_THRESHOLD;
const below = ComparisonOperator.LESS_THAN_THRESHOLD;

/**
 * The alarms about flow-sentinel itself: late or missing flows, failed records, and alerts that do not reach their
 * readers. docs/operate/runbook.md has a heading with the name of each alarm.
 */
export class Alarms extends Construct {
  readonly alarms: readonly IAlarm[];

  constructor(scope: Construct, id: string, { action, ...parts }: AlarmsProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.alarms = Object.entries({
      ...onFlows(parts, stackName),
      ...onInvocations(parts),
      ...onJournal(parts, stackName),
      ...onRecords(parts, stackName),
      ...onAlerts(parts, stackName),
      ...onGeoTable(parts, stackName),
      ...onContext(parts, stackName),
    }).map(
      ([
        name,
        { meaning, breaches, periods, missing = TreatMissingData.NOT_BREACHING, comparison, ...metricAndThreshold },
      ]) => {
        const alarm = new Alarm(this, name, {
          alarmName: `${stackName}-${name}`,
          alarmDescription: `${meaning} See docs/operate/runbook.md#${name}`,
          ...metricAndThreshold,
          comparisonOperator: comparison,
          datapointsToAlarm: breaches,
          evaluationPeriods: periods,
          treatMissingData: missing,
        });
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
        return alarm;
      },
    );
  }
}

/**
 * Returns the median delay of a batch above which flows are late. It is the sum of ten minutes of aggregation, the default
 * of flow logs, about five minutes of delivery (VPC User Guide, "Flow logs basics"), the buffering, the wait in the journal,
 * and a margin of four minutes.
 */
export function lateAfter({ bufferIntervalSeconds, counting, countEvery }: MonitoredResources['settings']): Duration {
  const wait = counting === 'journal' ? countEvery + 1 : 0;
  return Duration.minutes(19 + bufferIntervalSeconds / 60 + wait);
}

/** Returns the age of the oldest page above which the journal is counted late: three flushes, at least 15 minutes. */
export function uncountedAfter({ countEvery }: Pick<Settings, 'countEvery'>): Duration {
  return Duration.minutes(Math.max(long.toMinutes(), 3 * countEvery));
}

/** Alarms on the arrival and the latency of flows. */
function onFlows({ stream, settings }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  const late = lateAfter(settings);
  return {
    'no-records': {
      meaning:
        'No record has reached the stream for 15 minutes: there are no flow logs, or somebody disabled them (T1562.008).',
      // Even a network interface without traffic has a record, NODATA, in each aggregation interval of 1 or 10 minutes.
      // Firehose publishes no metric for a stream without records. Without FILL, CloudWatch would look back further than
      // three periods before it treats data as missing.
      metric: sumOf('FILL(incoming, 0)', short, { incoming: stream.metric('IncomingRecords') }),
      comparison: below,
      threshold: 1,
      breaches: 3,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    },
    'no-batches': {
      meaning:
        'No batch has been reported as counted for 15 minutes: no records, a function that fails, or metrics that are lost.',
      // The other metrics of the function come with the same line of its log. Without that line they are missing, and their
      // alarms stay OK; here, missing data is the alarm.
      metric: functionMetric(stackName, 'RecordsOk', 'SampleCount'),
      comparison: below,
      threshold: 1,
      breaches: 3,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    },
    'flows-late': {
      meaning: `For 15 minutes, flows have been counted more than ${late.toMinutes()} minutes after they ended.`,
      // Most rules have a timespan of an hour, and a flow that is later than that may find its window gone. The median, since
      // one old flow makes a batch late.
      metric: functionMetric(stackName, 'CountDelay', 'p50'),
      comparison: above,
      threshold: late.toSeconds(),
      breaches: 3,
      periods: 3,
    },
    'delivery-late': {
      meaning: 'For 15 minutes, the oldest record not yet delivered to S3 has been older than 30 minutes.',
      // Twice the maximum time for which Firehose may buffer records of an object.
      metric: stream.metric('DeliveryToS3.DataFreshness', { statistic: 'Maximum', period: short }),
      comparison: above,
      threshold: Duration.minutes(30).toSeconds(),
      breaches: 3,
      periods: 3,
    },
  };
}

/** Alarms on the function, its quotas and the tables. */
function onInvocations(parts: MonitoredResources): Record<string, AlarmDefinition> {
  const { stream, detector, flush, table, journal, settings } = parts;
  const usesJournal = settings.counting === 'journal';
  return {
    'invocation-errors': {
      meaning: 'Three invocations have failed within 15 minutes; Firehose attempts each batch four times at most.',
      metric: detector.function.metricErrors({ statistic: 'Sum', period: long }),
      comparison: atLeast,
      threshold: 3,
      breaches: 1,
      periods: 1,
    },
    'deadline-near': {
      meaning: 'Batches take more than four fifths of the timeout of the function.',
      // An invocation stops ten seconds before its timeout. One long invocation may be a flood; two periods are a trend.
      metric: detector.function.metricDuration({ statistic: 'Maximum', period: short }),
      comparison: above,
      threshold: 0.8 * detectorTimeout.toMilliseconds(),
      breaches: 2,
      periods: 3,
    },
    'quota-reached': {
      meaning: "A quota of the account delays flows: Lambda's concurrency, or the throughput of the stream.",
      metric: totalOf(short, {
        invocations: detector.function.metricThrottles(),
        records: stream.metric('ThrottledRecords'),
        ...(usesJournal && { flushes: flush.function.metricThrottles() }),
      }),
      comparison: atLeast,
      threshold: 1,
      breaches: 2,
      periods: 3,
    },
    'table-throttled': {
      meaning: 'The counter table or the journal rejects requests, by throttling or with internal errors.',
      // A few rejected requests are normal while an on-demand table scales, and are retried. Alarms on DynamoDB metrics
      // always ignore missing data and would never return to OK (CloudWatch User Guide, "Configuring how CloudWatch alarms
      // treat missing data"), so FILL supplies zeros.
      metric: totalOf(short, {
        writes: table.metric('WriteThrottleEvents'),
        reads: table.metric('ReadThrottleEvents'),
        updateErrors: table.metric('SystemErrors', 'UpdateItem'),
        getErrors: table.metric('SystemErrors', 'GetItem'),
        ...(usesJournal && {
          journalWrites: journal.metric('WriteThrottleEvents'),
          journalReads: journal.metric('ReadThrottleEvents'),
        }),
      }),
      comparison: atLeast,
      threshold: 100,
      breaches: 2,
      periods: 3,
    },
  };
}

/**
 * Alarms on the journal. They exist with both values of `counting`: after a change to `direct`, the journal must be counted
 * to its end. Then missing data is normal, and the alarms read fewer metrics, since CloudWatch bills by the metric.
 */
function onJournal({ flush, settings }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  const usesJournal = settings.counting === 'journal';
  const late = uncountedAfter(settings);
  return {
    'counting-late': {
      meaning: `The oldest page of the journal has waited for more than ${late.toMinutes()} minutes to be counted, or no flush reports.`,
      // A flush that holds no lane publishes nothing, so the period has at least three flushes.
      metric: functionMetric(stackName, 'UncountedAge', 'Maximum').with({ period: late }),
      comparison: above,
      threshold: late.toSeconds(),
      breaches: 1,
      periods: 1,
      ...(usesJournal && { missing: TreatMissingData.BREACHING }),
    },
    'flush-errors': {
      meaning: 'Within 15 minutes, three flushes of the journal have failed, or a lane cannot be counted without help.',
      // A flush that leaves a lane behind is no error of Lambda. These codes need an operator; with all others, the next
      // flush may succeed.
      metric: usesJournal
        ? sumOf('IF(FILL(errors, 0) >= 3 OR FILL(broken, 0) + FILL(versions, 0) + FILL(damaged, 0) >= 1, 1, 0)', long, {
            errors: flush.function.metricErrors(),
            broken: failedFlushes(stackName, 'JOURNAL_BROKEN'),
            versions: failedFlushes(stackName, 'PAGE_VERSION'),
            damaged: failedFlushes(stackName, 'PAGE_INVALID'),
          })
        : sumOf('IF(FILL(errors, 0) >= 3, 1, 0)', long, { errors: flush.function.metricErrors() }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'clock-ahead': {
      meaning:
        'The clocks of two processes differ by more than two minutes; from five minutes on, pages may be missed.',
      metric: functionMetric(stackName, 'ClockAhead', 'Maximum'),
      comparison: above,
      threshold: Duration.minutes(2).toSeconds(),
      breaches: 1,
      periods: 1,
    },
  };
}

/** Alarms on records that are not counted or delivered individually. */
function onRecords({ stream, failedRecords }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  return {
    'failed-records': {
      meaning:
        'Records were written below errors/ in the lake: unreadable, failed after all retries, not converted, or too large for the response.',
      // The normal number is zero, so one record fires. The queue stands for batches that failed after all retries, since
      // Firehose has no metric of them. SQS may report the first message late: failed-records-pending cannot miss it.
      metric: sumOf('MAX([FILL(failed, 0), FILL(unconverted, 0), FILL(objects, 0)])', short, {
        failed: functionMetric(stackName, 'RecordsFailed'),
        unconverted: stream.metric('FailedConversion.Records'),
        objects: failedRecords.metric('NumberOfMessagesSent'),
      }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'failed-records-pending': {
      meaning: 'Objects of failed records wait in the lake until redrive or an operator handles them.',
      // A level: a message stays in the queue for 14 days unless redrive deletes it. SQS reports this metric each minute, and
      // not at all for an idle queue (SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"): missing data
      // leaves the state. The metric of received messages has gaps, and redrive hides messages for minutes only.
      metric: failedRecords.metric('ApproximateNumberOfMessagesVisible').with({ statistic: 'Maximum', period: short }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
      missing: TreatMissingData.IGNORE,
    },
    'counters-overflowed': {
      meaning: 'During a flood, pairs with little traffic were counted together, or groups were not counted.',
      metric: sumOf('FILL(pairs, 0) + FILL(groups, 0)', short, {
        pairs: functionMetric(stackName, 'PairsInOverflow'),
        groups: functionMetric(stackName, 'GroupsDropped'),
      }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'implausible-times': {
      meaning: 'Flows ended long before, or after, their records arrived: they count in totals and in no window.',
      // AWS writes no such record, so one is a wrong clock, or somebody who can write to the stream.
      metric: functionMetric(stackName, 'TimesImplausible'),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
  };
}

/** Alarms on the delivery of alerts, and on outdated filters and network lists. */
function onAlerts({ topic, settings }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  const usesJournal = settings.counting === 'journal';
  const unpublished = usesJournal ? 'FILL(unpublished, 0) + FILL(unflushed, 0)' : 'FILL(unpublished, 0)';
  return {
    'alert-delivery-failed': {
      meaning: 'Alerts do not reach their readers: publishing to the topic or delivery to a subscriber fails.',
      // One failure may be two batches that claimed the same alert, which a retry resolves. SNS counts a delivery as
      // failed after its last retry.
      metric: sumOf(`IF(${unpublished} >= 3 OR FILL(undelivered, 0) >= 1, 1, 0)`, long, {
        unpublished: failedBatches(stackName, 'ALERT_FAILED'),
        ...(usesJournal && { unflushed: failedFlushes(stackName, 'ALERT_FAILED') }),
        undelivered: topic.metric('NumberOfNotificationsFailed'),
      }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'severe-alerts-waiting': {
      meaning: 'An alert of level high or critical waits: its level is at its limit of messages, or a batch failed.',
      metric: functionMetric(stackName, 'SevereAlertsWaiting', 'Maximum'),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'alerts-unlisted': {
      meaning:
        'The queue of a level is full: alerts that it has no place for are sent only if their traffic continues.',
      metric: functionMetric(stackName, 'AlertsUnlisted'),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'alerts-deferred': {
      meaning: 'For 15 minutes, more alerts have been deferred than can be sent later: messages are at their limit.',
      metric: functionMetric(stackName, 'AlertsDeferred'),
      comparison: above,
      threshold: maxReEvaluated * short.toMinutes(),
      breaches: 3,
      periods: 3,
    },
    'filters-expired': {
      meaning: 'Filters have expired, so the traffic that they excluded raises alerts again.',
      metric: functionMetric(stackName, 'FiltersExpired', 'Maximum').with({ period: Duration.hours(1) }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'network-list-stale': {
      meaning: 'For an hour, a network list in S3 could not be read; flows are evaluated with its last version.',
      metric: functionMetric(stackName, 'ListReadFailed').with({ period: long }),
      comparison: atLeast,
      threshold: 1,
      breaches: 4,
      periods: 4,
    },
  };
}

/** The alarms of a stack with a geo table. */
function onGeoTable({ settings }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  if (settings.geoTable === undefined) return {};
  return {
    'geo-table-stale': {
      meaning:
        'For an hour, the geo table in S3 could not be read; alerts and rules use its last version, or know no countries.',
      metric: functionMetric(stackName, 'GeoTableReadFailed').with({ period: long }),
      comparison: atLeast,
      threshold: 1,
      breaches: 4,
      periods: 4,
    },
    'geo-table-old': {
      meaning: `The data of the geo table is older than ${maxAgeDays} days: addresses have moved since.`,
      metric: functionMetric(stackName, 'GeoTableAge', 'Maximum').with({ period: Duration.hours(1) }),
      comparison: above,
      threshold: Duration.days(maxAgeDays).toSeconds(),
      breaches: 1,
      periods: 1,
    },
  };
}

/** The alarms of a stack with context. */
function onContext({ contextEvents }: MonitoredResources, stackName: string): Record<string, AlarmDefinition> {
  if (!contextEvents) return {};
  const { queue, deadLetters, function: handler } = contextEvents;
  return {
    'context-events-failed': {
      meaning: 'Findings or network changes could not be stored in five attempts, and wait in the dead-letter queue.',
      // A level, as that of failed-records-pending: SQS reports nothing for an idle queue.
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: short }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
      missing: TreatMissingData.IGNORE,
    },
    'context-errors': {
      meaning: 'Within 15 minutes, the function that stores findings and network changes has failed three times.',
      metric: handler.metricErrors({ statistic: 'Sum', period: long }),
      comparison: atLeast,
      threshold: 3,
      breaches: 1,
      periods: 1,
    },
    'context-unreadable': {
      meaning: 'Findings or network changes have a form that cannot be read: they are missing in alerts.',
      metric: functionMetric(stackName, 'ContextEventsUnreadable').with({ period: Duration.hours(1) }),
      comparison: atLeast,
      threshold: 1,
      breaches: 1,
      periods: 1,
    },
    'context-late': {
      meaning: 'For 15 minutes, the oldest finding or network change in the queue has been older than 30 minutes.',
      // An event that is looked at again waits for 15 minutes.
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: short }),
      comparison: above,
      threshold: Duration.minutes(30).toSeconds(),
      breaches: 3,
      periods: 3,
    },
    'context-unread': {
      meaning: 'Within an hour, three batches of alerts went out without context, since its table did not answer.',
      metric: functionMetric(stackName, 'ContextNotRead').with({ period: Duration.hours(1) }),
      comparison: atLeast,
      threshold: 3,
      breaches: 1,
      periods: 1,
    },
  };
}

/** Returns the total of the sums of metrics in a period. */
function totalOf(period: Duration, metrics: Record<string, Metric>): MathExpression {
  const names = Object.keys(metrics).map((name) => `FILL(${name}, 0)`);
  return sumOf(names.join(' + '), period, metrics);
}

/** Returns an expression over the sums of metrics in a period. */
function sumOf(expression: string, period: Duration, metrics: Record<string, Metric>): MathExpression {
  const usingMetrics = Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, metric.with({ statistic: 'Sum' })]),
  );
  return new MathExpression({ expression, usingMetrics, period, label: expression });
}
