import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/model.ts';
import { usageOf } from '../../../cli/cost/usage.ts';
import { commonDimensions, type ListMetric } from '../../../lambda/telemetry/metrics.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';
import { synthesize } from '../../lib/synthesis.ts';
import { emittedMetrics } from '../../support/emitted-metrics.ts';

const template = synthesize({ context: { encryption: 'own' } });
const all = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties);

interface AlarmProperties {
  readonly MetricName?: string;
  readonly Period?: number;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Period: number } }[];
}

describe('what the cost model assumes of the stack', () => {
  it('are its alarms, by the metrics that they look at, in standard resolution', () => {
    const alarms: AlarmProperties[] = all('AWS::CloudWatch::Alarm');
    const periods = alarms.flatMap(({ Period, Metrics }) =>
      Metrics ? Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []) : Period!,
    );
    expect(alarms).toHaveLength(13);
    expect(periods).toHaveLength(assumed.alarmMetrics);
    expect(Math.min(...periods)).toBeGreaterThanOrEqual(60);
  });

  it('are its dashboards', () => {
    expect(all('AWS::CloudWatch::Dashboard')).toHaveLength(assumed.dashboards);
  });

  it('are the metrics that the function tells of each batch', () => {
    const common = Object.keys(commonDimensions('FlowSentinel')).toSorted();
    const ofLists: ListMetric[] = ['ListLinesUnreadable', 'ListReadFailed'];
    const names = emittedMetrics('FlowSentinel')
      .filter(({ dimensions }) => Object.keys(dimensions).toSorted().join() === common.join())
      .map(({ name }) => name)
      .filter((name) => !(ofLists as string[]).includes(name));
    expect(new Set(names).size).toBe(assumed.metrics);
  });

  it('are the memory and the architecture of the function', () => {
    const [{ MemorySize, Architectures }] = all('AWS::Lambda::Function') as [Record<string, unknown>];
    expect(MemorySize).toBe(assumed.memoryGigabytes * 1024);
    expect(MemorySize).toBeCloseTo(assumed.processorShare * 1769, 6);
    expect(Architectures).toEqual(['arm64']);
  });

  it('are the buffers of the stream, before the function and before the lake', () => {
    const [{ ExtendedS3DestinationConfiguration: lake }] = all('AWS::KinesisFirehose::DeliveryStream') as [
      { ExtendedS3DestinationConfiguration: Record<string, Record<string, unknown>> },
    ];
    expect(lake.BufferingHints).toEqual({
      IntervalInSeconds: assumed.objectSeconds,
      SizeInMBs: assumed.objectMebibytes,
    });
    const [{ Parameters }] = lake.ProcessingConfiguration!.Processors as [
      { Parameters: { ParameterName: string; ParameterValue: string }[] },
    ];
    const parameter = (name: string) =>
      Number(Parameters.find(({ ParameterName }) => ParameterName === name)?.ParameterValue);
    const { bufferMebibytes, bufferSeconds } = usageOf(settingsShape.parse({}));
    expect([parameter('BufferSizeInMBs'), parameter('BufferIntervalInSeconds')]).toEqual([
      bufferMebibytes,
      bufferSeconds,
    ]);
  });

  it('are a table on demand that can be restored', () => {
    const [table] = all('AWS::DynamoDB::Table');
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  });

  it('are capacity that is bought ahead, used as autoscaling is told to, with some for reads', () => {
    const bought = synthesize({ context: { provisionedWrites: '{"min": 1000, "max": 5000}' } });
    const [{ Properties: table }] = Object.values(bought.findResources('AWS::DynamoDB::Table')) as [
      { Properties: { ProvisionedThroughput: unknown } },
    ];
    expect(table.ProvisionedThroughput).toEqual({
      WriteCapacityUnits: 1000,
      ReadCapacityUnits: 1000 / assumed.writesPerRead,
    });
    for (const { Properties } of Object.values(bought.findResources('AWS::ApplicationAutoScaling::ScalingPolicy'))) {
      const { TargetValue } = Properties.TargetTrackingScalingPolicyConfiguration;
      expect(TargetValue).toBeCloseTo(100 * assumed.utilisation, 9);
    }
  });

  it('are one own key, and what it encrypts all the time', () => {
    const [key] = Object.keys(template.findResources('AWS::KMS::Key'));
    const users = [
      'AWS::DynamoDB::Table',
      'AWS::S3::Bucket',
      'AWS::KinesisFirehose::DeliveryStream',
      'AWS::SNS::Topic',
      'AWS::Logs::LogGroup',
    ].flatMap(all);
    expect(all('AWS::KMS::Key')).toHaveLength(1);
    expect(users.filter((user) => JSON.stringify(user).includes(`"${key}"`))).toHaveLength(assumed.keyUsers);
    expect(users).toHaveLength(assumed.keyUsers);
  });

  it("are few enough objects in Glue's catalog to be free", () => {
    const objects = [...all('AWS::Glue::Database'), ...all('AWS::Glue::Table')];
    expect(objects.length).toBeLessThan(1000);
    expect(all('AWS::Glue::Crawler')).toEqual([]);
  });
});
