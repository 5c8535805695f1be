import { describe, expect, it } from 'vitest';
import { assumed } from '../../../cli/cost/assumptions.ts';
import { usageOf } from '../../../cli/cost/usage.ts';
import { commonDimensions } from '../../../lambda/telemetry/metrics.ts';
import { settingsShape } from '../../../lib/settings/settings.ts';
import { idOf, synthesize } from '../../lib/synthesis.ts';
import { emittedMetrics, quietReport } from '../../support/emitted-metrics.ts';

const template = synthesize({ context: { encryption: 'own' } });
const propertiesOf = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties);

interface AlarmProperties {
  readonly MetricName?: string;
  readonly Period?: number;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Period: number } }[];
}

describe('the assumptions of the cost model', () => {
  it('match the number of metrics that the alarms read, in standard resolution', () => {
    const periodsOf = (from: typeof template) =>
      Object.values(from.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) => {
        const { Period, Metrics } = Properties as AlarmProperties;
        return Metrics ? Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []) : Period!;
      });
    const periods = periodsOf(template);
    expect(propertiesOf('AWS::CloudWatch::Alarm')).toHaveLength(21);
    expect(periods).toHaveLength(assumed.alarmMetrics);
    expect(periodsOf(synthesize({ context: { counting: 'journal' } }))).toHaveLength(assumed.alarmMetrics + 7);
    const withGeoTable = synthesize({ context: { geoTable: 's3://some-bucket/geo.bin' } });
    expect(periodsOf(withGeoTable)).toHaveLength(assumed.alarmMetrics + assumed.geoMetrics);
    expect(Math.min(...periods)).toBeGreaterThanOrEqual(60);
  });

  it('match the number of dashboards', () => {
    expect(propertiesOf('AWS::CloudWatch::Dashboard')).toHaveLength(assumed.dashboards);
  });

  it('match the number of metrics that the function writes for each batch', () => {
    const common = Object.keys(commonDimensions('FlowSentinel')).toSorted();
    const names = emittedMetrics('FlowSentinel', quietReport)
      .filter(({ dimensions }) => Object.keys(dimensions).toSorted().join() === common.join())
      .map(({ name }) => name)
      .filter((name) => !/^(?:List|Name|GeoTable|Context)/.test(name));
    expect(new Set(names).size).toBe(assumed.metrics);
  });

  it('match the memory and the architecture of the function', () => {
    const { MemorySize, Architectures } = propertiesOf('AWS::Lambda::Function').find(
      ({ Handler }) => Handler === 'index.handler',
    ) as Record<string, unknown>;
    expect(MemorySize).toBe(assumed.memoryGigabytes * 1024);
    expect(MemorySize).toBeCloseTo(assumed.processorShare * 1769, 6);
    expect(Architectures).toEqual(['arm64']);
  });

  it('match the buffers of the stream before the function and before the lake', () => {
    const [{ ExtendedS3DestinationConfiguration: lake }] = propertiesOf('AWS::KinesisFirehose::DeliveryStream') as [
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
    const { bufferMebibytes, bufferIntervalSeconds } = usageOf(settingsShape.parse({}));
    expect([parameter('BufferSizeInMBs'), parameter('BufferIntervalInSeconds')]).toEqual([
      bufferMebibytes,
      bufferIntervalSeconds,
    ]);
  });

  it('match an on-demand table with point-in-time recovery', () => {
    const table =
      template.findResources('AWS::DynamoDB::Table')[idOf(template, 'AWS::DynamoDB::Table', 'CounterTable')]!
        .Properties;
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  });

  it.each([
    ['direct', assumed.utilisation],
    ['journal', assumed.journalUtilisation],
  ])(
    'match the provisioned capacity, its reads, and the target of autoscaling when counting is %s',
    (counting, use) => {
      const provisioned = synthesize({ context: { provisionedWrites: '{"min": 1000, "max": 5000}', counting } });
      provisioned.hasResourceProperties('AWS::DynamoDB::Table', {
        ProvisionedThroughput: { WriteCapacityUnits: 1000, ReadCapacityUnits: 1000 / assumed.writesPerRead },
      });
      for (const { Properties } of Object.values(
        provisioned.findResources('AWS::ApplicationAutoScaling::ScalingPolicy'),
      )) {
        const { TargetValue } = Properties.TargetTrackingScalingPolicyConfiguration;
        expect(TargetValue).toBeCloseTo(100 * use, 9);
      }
    },
  );

  it('match one customer-managed key and the resources that it encrypts', () => {
    const [key] = Object.keys(template.findResources('AWS::KMS::Key'));
    const users = [
      'AWS::DynamoDB::Table',
      'AWS::S3::Bucket',
      'AWS::KinesisFirehose::DeliveryStream',
      'AWS::SNS::Topic',
      'AWS::Logs::LogGroup',
    ].flatMap(propertiesOf);
    expect(propertiesOf('AWS::KMS::Key')).toHaveLength(1);
    expect(users.filter((user) => JSON.stringify(user).includes(`"${key}"`))).toHaveLength(assumed.keyUsers);
    expect(users).toHaveLength(assumed.keyUsers);
  });

  it('match a Glue catalog that is small enough to be free', () => {
    const objects = [...propertiesOf('AWS::Glue::Database'), ...propertiesOf('AWS::Glue::Table')];
    expect(objects.length).toBeLessThan(1000);
    expect(propertiesOf('AWS::Glue::Crawler')).toEqual([]);
  });
});
