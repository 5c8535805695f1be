import { Aws, Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  Color,
  GraphWidget,
  type GraphWidgetProps,
  GraphWidgetView,
  type IAlarm,
  type IWidget,
  MathExpression,
  SearchExpression,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { alertsMetric, failuresMetric, flushFailuresMetric } from '../../lambda/telemetry/metrics.ts';
import { detectorMemory, detectorTimeout } from '../detector/detector.ts';
import { flushMemory } from '../detector/flush-function.ts';
import { type AlarmsProps, lateAfter, type MonitoredResources, uncountedAfter } from './alarms.ts';
import { functionMetric, searchOf } from './function-metric.ts';

export interface DashboardProps extends Omit<AlarmsProps, 'action'> {
  readonly alarms: readonly IAlarm[];
}

/**
 * The dashboard, from flow logs to alerts and cost drivers. CloudWatch bills by dashboard, so there is one. Its name has
 * the region, since the dashboards of all regions of an account share one namespace.
 */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { alarms, ...parts }: DashboardProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `${stackName}-${Aws.REGION}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new AlarmStatusWidget({ title: `${stackName}: alarms`, alarms: [...alarms], width: 24, height: 3 })],
        ingestion(parts, stackName),
        alerting(parts, stackName),
        counting(parts, stackName),
        flushing(parts, stackName),
        ...contextRows(parts, stackName),
        costDrivers(parts),
        [runbookLinks(parts, stackName)],
      ],
    });
  }
}

function graph(title: string, props: Omit<GraphWidgetProps, 'title'>): GraphWidget {
  return new GraphWidget({ title, width: 8, height: 6, leftYAxis: { min: 0, showUnits: false }, ...props });
}

/** Graphs of arriving records, their latency and their results. */
function ingestion({ stream, settings }: MonitoredResources, stackName: string): IWidget[] {
  const sum = { statistic: Stats.SUM };
  const own = (name: Parameters<typeof functionMetric>[1], label: string, statistic?: string) =>
    functionMetric(stackName, name, statistic).with({ label });
  return [
    graph('Records in', {
      left: [
        stream.metricIncomingRecords({ ...sum, label: 'records from flow logs' }),
        own('FlowsRead', 'flows in the records'),
        own('DuplicateObservations', 'flows left out: also logged at another interface'),
      ],
      right: [stream.metricIncomingBytes({ ...sum, label: 'bytes' })],
    }),
    graph('Seconds after the end of a flow', {
      left: [
        own('Delay', 'until arrival (median batch)', Stats.p(50)),
        own('CountDelay', 'until counted (median batch)', Stats.p(50)),
        own('CountDelay', 'until counted (maximum)', Stats.MAXIMUM),
        stream.metric('DeliveryToS3.DataFreshness', { statistic: Stats.MAXIMUM, label: 'from arrival until in S3' }),
      ],
      leftAnnotations: [{ value: lateAfter(settings).toSeconds(), label: 'flows-late', color: Color.RED }],
    }),
    graph('Records by result', {
      stacked: true,
      left: [
        own('RecordsOk', 'Ok').with({ color: Color.GREEN }),
        own('RecordsDropped', 'Dropped: no flows').with({ color: Color.GREY }),
        own('RecordsFailed', 'ProcessingFailed').with({ color: Color.RED }),
      ],
      right: [
        own('RecordsOverflowed', 'ProcessingFailed but counted: response full'),
        own('TimesImplausible', 'flows with an implausible time: in no window'),
      ],
    }),
  ];
}

/** Graphs of alerts and their delivery. */
function alerting({ topic }: MonitoredResources, stackName: string): IWidget[] {
  const own = (name: Parameters<typeof functionMetric>[1], label: string, statistic?: string) =>
    functionMetric(stackName, name, statistic).with({ label });
  return [
    graph('Alerts by rule and level', {
      stacked: true,
      view: GraphWidgetView.BAR,
      left: [new SearchExpression({ expression: searchOf(stackName, alertsMetric), label: '' })],
    }),
    graph('Alerts by outcome', {
      left: [
        own('AlertsPublished', 'published'),
        own('AlertsDeferred', 'deferred to a later minute'),
        own('AlertsWaiting', 'waiting for later minutes (maximum)', Stats.MAXIMUM),
        own('AlertsUnlisted', 'without a place in a queue').with({ color: Color.RED }),
        own('AlertsSuppressed', 'suppressed by an earlier alert'),
        own('AlertsLogged', 'logged only (experimental rules)'),
      ],
    }),
    graph('Messages', {
      left: [
        topic.metric('NumberOfMessagesPublished').with({ label: 'to the topic' }),
        topic.metric('NumberOfNotificationsDelivered').with({ label: 'delivered to subscribers' }),
        topic.metric('NumberOfNotificationsFailed').with({ label: 'not delivered', color: Color.RED }),
      ],
    }),
  ];
}

/** Graphs of the load on the function and the table. */
function counting({ stream, detector, table }: MonitoredResources, stackName: string): IWidget[] {
  const own = (name: Parameters<typeof functionMetric>[1], label: string) =>
    functionMetric(stackName, name).with({ label });
  return [
    graph('Pairs and other groups', {
      left: [
        own('CountersTouched', 'counters updated'),
        own('PairsInOverflow', 'pairs counted together (overflow)'),
        own('GroupsDropped', 'groups not counted'),
      ],
    }),
    graph('Counter table', {
      left: [table.metric('ConsumedWriteCapacityUnits').with({ label: 'write units' })],
      right: [
        table.metric('WriteThrottleEvents').with({ label: 'writes throttled', color: Color.RED }),
        table.metric('ReadThrottleEvents').with({ label: 'reads throttled' }),
        table.metric('ConditionalCheckFailedRequests').with({ label: 'condition failed: duplicate or re-read' }),
      ],
    }),
    graph('Invocations', {
      left: [
        detector.function.metricInvocations({ statistic: Stats.SUM, label: 'invocations' }),
        detector.function.metricThrottles({ statistic: Stats.SUM, label: 'throttled' }),
        stream.metric('ThrottledRecords', { statistic: Stats.SUM, label: 'records throttled by the stream' }),
        new SearchExpression({ expression: searchOf(stackName, failuresMetric), label: 'failed:' }),
      ],
      right: [
        detector.function.metricDuration({ statistic: Stats.p(99), label: 'milliseconds (p99)' }),
        detector.function.metricDuration({ statistic: Stats.MAXIMUM, label: 'milliseconds (longest)' }),
      ],
      rightYAxis: { min: 0, max: detectorTimeout.toMilliseconds(), showUnits: false },
    }),
  ];
}

/** Graphs of the journal and its flushes. */
function flushing({ flush, journal, settings }: MonitoredResources, stackName: string): IWidget[] {
  const late = uncountedAfter(settings).toSeconds();
  return [
    graph('Journal: seconds until counted', {
      left: [
        functionMetric(stackName, 'UncountedAge', Stats.MAXIMUM).with({ label: 'age of the oldest page' }),
        functionMetric(stackName, 'ClockAhead', Stats.MAXIMUM).with({ label: 'clock of a page ahead' }),
      ],
      leftAnnotations: [{ value: late, label: 'counting-late', color: Color.RED }],
    }),
    graph('Journal', {
      left: [
        journal.metric('ConsumedWriteCapacityUnits').with({ label: 'write units' }),
        journal.metric('ConsumedReadCapacityUnits').with({ label: 'read units' }),
      ],
      right: [
        journal.metric('WriteThrottleEvents').with({ label: 'writes throttled', color: Color.RED }),
        journal.metric('ReadThrottleEvents').with({ label: 'reads throttled' }),
      ],
    }),
    graph('Flushes', {
      left: [
        flush.function.metricInvocations({ statistic: Stats.SUM, label: 'invocations' }),
        flush.function.metricErrors({ statistic: Stats.SUM, label: 'errors' }),
        flush.function.metricThrottles({ statistic: Stats.SUM, label: 'throttled' }),
        new SearchExpression({ expression: searchOf(stackName, flushFailuresMetric), label: 'failed:' }),
      ],
      right: [flush.function.metricDuration({ statistic: Stats.MAXIMUM, label: 'milliseconds (longest)' })],
    }),
  ];
}

/** Graphs of findings and network changes; none without context. */
function contextRows({ contextEvents }: MonitoredResources, stackName: string): IWidget[][] {
  if (!contextEvents) return [];
  const { queue, deadLetters, function: handler } = contextEvents;
  const own = (name: Parameters<typeof functionMetric>[1], label: string, statistic?: string) =>
    functionMetric(stackName, name, statistic).with({ label });
  return [
    [
      graph('Context events', {
        left: [
          own('ContextEvents', 'stored'),
          own('ContextEventsIgnored', 'no context'),
          own('ContextEventsUnreadable', 'cannot be read').with({ color: Color.RED }),
          own('ContextPlacesNotResolved', 'changes that EC2 did not complete'),
        ],
        right: [
          own('ContextNotRead', 'batches of alerts without context').with({ color: Color.RED }),
          own('ContextNotWritten', 'alerts that were not stored'),
        ],
      }),
      graph('Context events: seconds', {
        left: [
          own('ContextEventAge', 'until stored (median)', Stats.p(50)),
          own('ContextEventAge', 'until stored (maximum)', Stats.MAXIMUM),
          queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, label: 'oldest in the queue' }),
        ],
      }),
      graph('Context function', {
        left: [
          handler.metricInvocations({ statistic: Stats.SUM, label: 'invocations' }),
          handler.metricErrors({ statistic: Stats.SUM, label: 'errors' }),
          queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, label: 'waiting' }),
          deadLetters.metricApproximateNumberOfMessagesVisible({
            ...{ statistic: Stats.MAXIMUM, label: 'in the dead-letter queue', color: Color.RED },
          }),
        ],
        right: [handler.metricDuration({ statistic: Stats.MAXIMUM, label: 'milliseconds (longest)' })],
      }),
    ],
  ];
}

/** Graphs of the cost drivers by hour, and of the size of the lake. */
function costDrivers({ stream, detector, flush, lake, table, journal }: MonitoredResources): IWidget[] {
  const hourly = { statistic: Stats.SUM, period: Duration.hours(1) };
  return [
    graph('Cost per hour: tables and functions', {
      left: [
        table.metric('ConsumedWriteCapacityUnits').with({ ...hourly, label: 'write units' }),
        table.metric('ConsumedReadCapacityUnits').with({ ...hourly, label: 'read units' }),
        journal.metric('ConsumedWriteCapacityUnits').with({ ...hourly, label: 'write units of the journal' }),
        journal.metric('ConsumedReadCapacityUnits').with({ ...hourly, label: 'read units of the journal' }),
      ],
      right: [
        gigabyteSeconds('detector', detector.function, detectorMemory).with({ label: 'GB-seconds' }),
        gigabyteSeconds('flush', flush.function, flushMemory).with({ label: 'GB-seconds of flushes' }),
      ],
    }),
    graph('Cost per hour: bytes', {
      left: [
        stream.metricIncomingBytes({ ...hourly, label: 'bytes into Firehose' }),
        stream.metric('DeliveryToS3.Bytes', { ...hourly, label: 'bytes delivered to S3' }),
      ],
      right: [stream.metric('DeliveryToS3.Records', { ...hourly, label: 'records delivered to S3' })],
    }),
    graph('Cost: size of the lake by storage class', {
      stacked: true,
      start: '-P28D',
      end: 'PT0S',
      period: Duration.days(1),
      left: [
        new SearchExpression({
          expression: `SEARCH('{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="${lake.bucket.bucketName}"', 'Average', 86400)`,
          label: '',
          period: Duration.days(1),
        }),
      ],
    }),
  ];
}

/** Returns the gigabyte-seconds of a function by hour. @param id the metric's name, unique in its graph */
function gigabyteSeconds(id: string, ofFunction: IFunction, memory: number): MathExpression {
  const period = Duration.hours(1);
  const usingMetrics = { [id]: ofFunction.metricDuration({ statistic: Stats.SUM, period }) };
  return new MathExpression({ expression: `${id} / 1000 * ${memory / 1024}`, usingMetrics, period });
}

function runbookLinks({ stream, detector, flush, lake, table }: MonitoredResources, stackName: string): IWidget {
  const markdown = [
    '### Where to look',
    `If an alarm is red, see the heading in \`docs/operate/runbook.md\` with the name of the alarm without \`${stackName}-\`.`,
    '',
    '| Question | Source |',
    '|---|---|',
    `| Why did a batch fail, and what was the result of each batch? | the log of the function \`${detector.function.functionName}\`, one JSON line per batch |`,
    `| Why was the journal not counted? | the log of the function \`${flush.function.functionName}\`, one JSON line per flush |`,
    `| What could Firehose not deliver? | the error log of the stream \`${stream.deliveryStreamName}\` |`,
    `| Which records are not in the lake? | \`s3://${lake.bucket.bucketName}/errors/\` |`,
    `| Where are all flows, for Athena? | \`s3://${lake.bucket.bucketName}/flows/\`, \`docs/analyse/athena.md\` |`,
    `| What are the counters of a pair? | the item \`pair#SOURCE#DESTINATION\` of the table \`${table.table.tableName}\` |`,
    '| What does a rule detect, and how is it silenced? | `npx flow-sentinel rules explain RULE` |',
  ];
  return new TextWidget({ markdown: markdown.join('\n'), width: 24, height: 6 });
}
