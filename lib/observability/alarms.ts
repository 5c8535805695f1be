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
import type { CounterTable } from '../detector/counter-table.ts';
import { type Detector, detectorTimeout } from '../detector/detector.ts';
import type { LakeBucket } from '../lake/lake-bucket.ts';
import type { AlertTopic } from '../notifications/alert-topic.ts';
import { failedBatches, functionMetric } from './function-metric.ts';

/** What is watched. */
export interface MonitoredResources {
  readonly stream: IDeliveryStream;
  readonly detector: Detector;
  readonly lake: LakeBucket;
  readonly table: CounterTable;
  readonly topic: AlertTopic;
}

export interface AlarmsProps extends MonitoredResources {
  /** What is done when an alarm goes off, and when it is over. */
  readonly action: IAlarmAction;
}

/** What an alarm watches, and when it goes off. */
interface Watch {
  /** What it means that the alarm went off, in one sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** In how many of how many periods. */
  readonly times: number;
  readonly of: number;
  /** What a period without data means; by default that all is well, since most metrics are there only with data. */
  readonly missing?: TreatMissingData;
}

const short = Duration.minutes(5);
const long = Duration.minutes(15);

const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
const above = ComparisonOperator.GREATER_THAN_THRESHOLD;
const below = ComparisonOperator.LESS_THAN_THRESHOLD;

/**
 * Who watches the watcher: an alarm for each way in which flows are not counted in time, records are put aside, or
 * alerts do not reach their readers. Each has a heading of its name in docs/operate/runbook.md.
 */
export class Alarms extends Construct {
  readonly alarms: readonly IAlarm[];

  constructor(scope: Construct, id: string, { action, ...parts }: AlarmsProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.alarms = Object.entries({
      ...onFlows(parts, stackName),
      ...onInvocations(parts),
      ...onRecords(parts, stackName),
      ...onAlerts(parts, stackName),
    }).map(([name, { meaning, times, of, missing = TreatMissingData.NOT_BREACHING, comparison, ...watch }]) => {
      const alarm = new Alarm(this, name, {
        alarmName: `${stackName}-${name}`,
        alarmDescription: `${meaning} See docs/operate/runbook.md#${name}`,
        ...watch,
        comparisonOperator: comparison,
        datapointsToAlarm: times,
        evaluationPeriods: of,
        treatMissingData: missing,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    });
  }
}

/** Do flows arrive, and in time? */
function onFlows({ stream }: MonitoredResources, stackName: string): Record<string, Watch> {
  return {
    'nothing-arrives': {
      meaning:
        'For 15 minutes no record has reached the stream: there are no flow logs, or somebody has cut them off (T1562.008).',
      // Even a network interface without traffic is told of, as NODATA, once in its aggregation interval of 1 or 10
      // minutes. Firehose tells nothing of a stream that gets nothing; without FILL, CloudWatch would look back further
      // than three periods before it believes that data are missing.
      metric: sumOf('FILL(incoming, 0)', short, { incoming: stream.metric('IncomingRecords') }),
      comparison: below,
      threshold: 1,
      times: 3,
      of: 3,
      missing: TreatMissingData.BREACHING,
    },
    'flows-late': {
      meaning: 'For 15 minutes flows have been counted more than 20 minutes after they ended.',
      // Ten minutes of aggregation, which is what flow logs have by default, some five until they are delivered (VPC User
      // Guide, "Flow logs basics"), and our own minute, with some to spare. Most rules look at an hour: what is later
      // than their timespan may find its window gone. Half of the batches, since one old flow makes a batch late.
      metric: functionMetric(stackName, 'CountDelay', 'p50'),
      comparison: above,
      threshold: Duration.minutes(20).toSeconds(),
      times: 3,
      of: 3,
    },
    'delivery-late': {
      meaning: 'For 15 minutes the oldest record that is not in S3 yet has been older than 30 minutes.',
      // Twice the longest that Firehose may gather records for an object.
      metric: stream.metric('DeliveryToS3.DataFreshness', { statistic: 'Maximum', period: short }),
      comparison: above,
      threshold: Duration.minutes(30).toSeconds(),
      times: 3,
      of: 3,
    },
  };
}

/** Does the function do its work, and is it let do it? */
function onInvocations({ stream, detector, table }: MonitoredResources): Record<string, Watch> {
  return {
    'invocations-fail': {
      meaning: 'Within 15 minutes three invocations have failed; after four of one batch Firehose gives it up.',
      metric: detector.function.metricErrors({ statistic: 'Sum', period: long }),
      comparison: atLeast,
      threshold: 3,
      times: 1,
      of: 1,
    },
    'deadline-near': {
      meaning: 'Batches take more than four fifths of the time that an invocation has.',
      // An invocation gives up ten seconds before its time is over. One long one may be a flood; two periods are a trend.
      metric: detector.function.metricDuration({ statistic: 'Maximum', period: short }),
      comparison: above,
      threshold: 0.8 * detectorTimeout.toMilliseconds(),
      times: 2,
      of: 3,
    },
    'quota-reached': {
      meaning: "A quota of the account holds flows up: Lambda's concurrency, or what the stream may take in.",
      metric: sumOf('FILL(invocations, 0) + FILL(records, 0)', short, {
        invocations: detector.function.metricThrottles(),
        records: stream.metric('ThrottledRecords'),
      }),
      comparison: atLeast,
      threshold: 1,
      times: 2,
      of: 3,
    },
    'table-refuses': {
      meaning: 'The counter table refuses requests, by throttling or with errors of its own.',
      // A few are how a table on demand grows with its load, and are tried again. Alarms on metrics of DynamoDB ignore
      // missing data whatever they are told, and would never end (CloudWatch User Guide, "Configuring how CloudWatch
      // alarms treat missing data"): FILL says that there were none.
      metric: sumOf('FILL(writes, 0) + FILL(reads, 0) + FILL(updateErrors, 0) + FILL(getErrors, 0)', short, {
        writes: table.metric('WriteThrottleEvents'),
        reads: table.metric('ReadThrottleEvents'),
        updateErrors: table.metric('SystemErrors', 'UpdateItem'),
        getErrors: table.metric('SystemErrors', 'GetItem'),
      }),
      comparison: atLeast,
      threshold: 100,
      times: 2,
      of: 3,
    },
  };
}

/** Is every record counted, by itself, and delivered? */
function onRecords({ stream, lake }: MonitoredResources, stackName: string): Record<string, Watch> {
  return {
    'records-set-aside': {
      meaning:
        'Records are under errors/ in the lake: unreadable, given up, not converted, or without room in an answer.',
      // None is normal, so one is enough. Firehose has no metric of batches that it gave up: S3 counts the objects.
      metric: sumOf('MAX([FILL(failed, 0), FILL(unconverted, 0), FILL(objects, 0)])', short, {
        failed: functionMetric(stackName, 'RecordsFailed'),
        unconverted: stream.metric('FailedConversion.Records'),
        objects: lake.metricErrors(),
      }),
      comparison: atLeast,
      threshold: 1,
      times: 1,
      of: 1,
    },
    'flood-collapsed': {
      meaning: 'A flood has made light pairs be counted together, or groups not be counted at all.',
      metric: sumOf('FILL(pairs, 0) + FILL(groups, 0)', short, {
        pairs: functionMetric(stackName, 'PairsCollapsed'),
        groups: functionMetric(stackName, 'GroupsDropped'),
      }),
      comparison: atLeast,
      threshold: 1,
      times: 1,
      of: 1,
    },
  };
}

/** Do alerts reach their readers, by rules and lists that are up to date? */
function onAlerts({ topic }: MonitoredResources, stackName: string): Record<string, Watch> {
  return {
    'alerts-unheard': {
      meaning: 'Alerts do not reach their readers: the topic does not take them, or a subscriber does not.',
      // One refusal may be two batches that claimed the same alert, which the second try puts right. SNS counts a
      // delivery as failed when it has given it up.
      metric: sumOf('IF(FILL(unpublished, 0) >= 3 OR FILL(undelivered, 0) >= 1, 1, 0)', long, {
        unpublished: failedBatches(stackName, 'ALERT_FAILED'),
        undelivered: topic.metric('NumberOfNotificationsFailed'),
      }),
      comparison: atLeast,
      threshold: 1,
      times: 1,
      of: 1,
    },
    'alerts-put-off': {
      meaning: 'For 15 minutes more alerts have been put off than can be sent later: messages are at their bound.',
      // What is put off is looked at again, 25 keys in a minute.
      metric: functionMetric(stackName, 'AlertsDeferred'),
      comparison: above,
      threshold: 25 * short.toMinutes(),
      times: 3,
      of: 3,
    },
    'filters-expired': {
      meaning: 'Filters no longer apply, so that what they kept silent alerts again.',
      metric: functionMetric(stackName, 'FiltersExpired', 'Maximum').with({ period: Duration.hours(1) }),
      comparison: atLeast,
      threshold: 1,
      times: 1,
      of: 1,
    },
    'list-stale': {
      meaning: 'For an hour a list of networks in S3 could not be read; flows are judged by what was read before.',
      metric: functionMetric(stackName, 'ListReadFailed').with({ period: long }),
      comparison: atLeast,
      threshold: 1,
      times: 4,
      of: 4,
    },
  };
}

/** An expression over the sums of metrics in a period. */
function sumOf(expression: string, period: Duration, metrics: Record<string, Metric>): MathExpression {
  const usingMetrics = Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, metric.with({ statistic: 'Sum' })]),
  );
  return new MathExpression({ expression, usingMetrics, period, label: expression });
}
