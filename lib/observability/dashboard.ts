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
import { Construct } from 'constructs';
import { alertsMetric, failuresMetric } from '../../lambda/telemetry/metrics.ts';
import { detectorMemory, detectorTimeout } from '../detector/detector.ts';
import type { MonitoredResources } from './alarms.ts';
import { functionMetric, searchOf } from './function-metric.ts';

export interface DashboardProps extends MonitoredResources {
  readonly alarms: readonly IAlarm[];
}

/**
 * One picture of all that goes on, from flow logs to alerts and to the bill. CloudWatch asks for money by the dashboard:
 * it is one. Its name has the region, since dashboards of all regions of an account share their names.
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
        wayIn(parts, stackName),
        alertsOut(parts, stackName),
        counting(parts, stackName),
        costDrivers(parts),
        [whereToLook(parts, stackName)],
      ],
    });
  }
}

function graph(title: string, props: Omit<GraphWidgetProps, 'title'>): GraphWidget {
  return new GraphWidget({ title, width: 8, height: 6, leftYAxis: { min: 0, showUnits: false }, ...props });
}

/** What arrives, how late it is counted, and what becomes of it. */
function wayIn({ stream }: MonitoredResources, stackName: string): IWidget[] {
  const sum = { statistic: Stats.SUM };
  const own = (name: Parameters<typeof functionMetric>[1], label: string, statistic?: string) =>
    functionMetric(stackName, name, statistic).with({ label });
  return [
    graph('Records in', {
      left: [
        stream.metricIncomingRecords({ ...sum, label: 'records from flow logs' }),
        own('FlowsRead', 'flows read in them'),
      ],
      right: [stream.metricIncomingBytes({ ...sum, label: 'bytes' })],
    }),
    graph('Seconds after the end of a flow', {
      left: [
        own('Delay', 'it arrived (median batch)', Stats.p(50)),
        own('CountDelay', 'it was counted (median batch)', Stats.p(50)),
        own('CountDelay', 'it was counted (latest)', Stats.MAXIMUM),
        stream.metric('DeliveryToS3.DataFreshness', { statistic: Stats.MAXIMUM, label: 'after arrival: it was in S3' }),
      ],
      leftAnnotations: [{ value: Duration.minutes(20).toSeconds(), label: 'flows-late', color: Color.RED }],
    }),
    graph('Records by result', {
      stacked: true,
      left: [
        own('RecordsOk', 'Ok').with({ color: Color.GREEN }),
        own('RecordsDropped', 'Dropped: nothing in them').with({ color: Color.GREY }),
        own('RecordsFailed', 'ProcessingFailed').with({ color: Color.RED }),
      ],
      right: [own('RecordsOverflowed', 'of the failed: counted, no room in the answer')],
    }),
  ];
}

/** What is said of the network, and whether it reaches its readers. */
function alertsOut({ topic }: MonitoredResources, stackName: string): IWidget[] {
  const own = (name: Parameters<typeof functionMetric>[1], label: string) =>
    functionMetric(stackName, name).with({ label });
  return [
    graph('Alerts by rule and level', {
      stacked: true,
      view: GraphWidgetView.BAR,
      left: [new SearchExpression({ expression: searchOf(stackName, alertsMetric), label: '' })],
    }),
    graph('What became of alerts', {
      left: [
        own('AlertsPublished', 'published'),
        own('AlertsDeferred', 'put off to a later minute'),
        own('AlertsHeldBack', 'held back by one before'),
        own('AlertsLogged', 'of experimental rules: logged'),
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

/** How the function and the table bear it. */
function counting({ stream, detector, table }: MonitoredResources, stackName: string): IWidget[] {
  const own = (name: Parameters<typeof functionMetric>[1], label: string) =>
    functionMetric(stackName, name).with({ label });
  return [
    graph('Pairs and other groups', {
      left: [
        own('CountersTouched', 'counters touched'),
        own('PairsCollapsed', 'pairs counted together'),
        own('GroupsDropped', 'groups not counted'),
      ],
    }),
    graph('Counter table', {
      left: [table.metric('ConsumedWriteCapacityUnits').with({ label: 'write units' })],
      right: [
        table.metric('WriteThrottleEvents').with({ label: 'writes throttled', color: Color.RED }),
        table.metric('ReadThrottleEvents').with({ label: 'reads throttled' }),
        table.metric('ConditionalCheckFailedRequests').with({ label: 'counted before, or looked at again' }),
      ],
    }),
    graph('Invocations', {
      left: [
        detector.function.metricInvocations({ statistic: Stats.SUM, label: 'invocations' }),
        detector.function.metricThrottles({ statistic: Stats.SUM, label: 'throttled' }),
        stream.metric('ThrottledRecords', { statistic: Stats.SUM, label: 'records that the stream did not take yet' }),
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

/** What the bill is made of, by the hour, and what is kept. */
function costDrivers({ stream, detector, lake, table }: MonitoredResources): IWidget[] {
  const hourly = { statistic: Stats.SUM, period: Duration.hours(1) };
  const gigabytes = detectorMemory / 1024;
  return [
    graph('Cost: table and function, an hour', {
      left: [
        table.metric('ConsumedWriteCapacityUnits').with({ ...hourly, label: 'write units' }),
        table.metric('ConsumedReadCapacityUnits').with({ ...hourly, label: 'read units' }),
      ],
      right: [
        new MathExpression({
          expression: `milliseconds / 1000 * ${gigabytes}`,
          usingMetrics: { milliseconds: detector.function.metricDuration(hourly) },
          period: hourly.period,
          label: 'GB-seconds',
        }),
      ],
    }),
    graph('Cost: bytes, an hour', {
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

function whereToLook({ stream, detector, lake, table }: MonitoredResources, stackName: string): IWidget {
  const markdown = [
    '### Where to look',
    `An alarm is red: its name, without \`${stackName}-\`, is the heading in \`docs/operate/runbook.md\` that says what to do.`,
    '',
    '| what | where |',
    '|---|---|',
    `| why a batch failed, and what each batch came to | the log of the function \`${detector.function.functionName}\`, a line of JSON each |`,
    `| what Firehose could not do | the errors of the stream \`${stream.deliveryStreamName}\` |`,
    `| records that are not in the lake | \`s3://${lake.bucket.bucketName}/errors/\` |`,
    `| every flow, in Athena | \`s3://${lake.bucket.bucketName}/flows/\`, \`docs/analyse/athena.md\` |`,
    `| what is counted of a pair | the item \`pair#SOURCE#DESTINATION\` of the table \`${table.tableName}\` |`,
    '| what a rule looks for, and how to silence it | `npx flow-sentinel rules explain RULE` |',
  ];
  return new TextWidget({ markdown: markdown.join('\n'), width: 24, height: 6 });
}
