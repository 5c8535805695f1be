import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { IpAddresses, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { FlowSentinel, type FlowSentinelProps } from '../../lib/flow-sentinel.ts';
import { type Settings, settingsShape } from '../../lib/settings/settings.ts';
import { createApp, idOf } from './synthesis.ts';

const withoutBundling = { context: { 'aws:cdk:bundling-stacks': [] } };

/** A stack of another CDK app. */
function otherStack(): Stack {
  return new Stack(createApp(withoutBundling), 'Network');
}

/** The outputs that the command line reads from any stack with the construct. */
const outputNames = [
  'DeliveryStreamArn',
  'FlowLogFormat',
  'AlertTopicArn',
  'DetectorFunctionName',
  'FlushFunctionName',
  'CounterRetentionDays',
  'PairTableName',
  'JournalTableName',
  'FlowLakeBucketName',
  'FailedRecordsQueueUrl',
  'AthenaWorkGroupName',
];

describe('FlowSentinel', () => {
  it('logs a VPC, subnet and log group of the same app when their ids are known only at deployment', () => {
    const stack = otherStack();
    const vpc = new Vpc(stack, 'Vpc', { ipAddresses: IpAddresses.cidr('10.0.0.0/16'), natGateways: 0 });
    const other = new Vpc(stack, 'Other', { ipAddresses: IpAddresses.cidr('10.1.0.0/16'), natGateways: 0 });
    const subnet = new Subnet(stack, 'Subnet', {
      vpcId: other.vpcId,
      cidrBlock: '10.1.128.0/24',
      availabilityZone: 'us-east-1a',
    });
    const logGroup = new LogGroup(stack, 'FlowLogs');
    new FlowSentinel(stack, 'FlowSentinel', {
      vpcIds: [vpc.vpcId, vpc.vpcId],
      subnetIds: [subnet.subnetId],
      logGroups: [{ name: logGroup.logGroupName }],
      monitoredNetworks: ['10.0.0.0/16', '10.1.0.0/16'],
    });

    const template = Template.fromStack(stack);
    const logs = Object.values(template.findResources('AWS::EC2::FlowLog')).map(({ Properties }) => Properties);
    expect(logs.map(({ ResourceType, ResourceId }) => [ResourceType, Object.keys(ResourceId)])).toEqual([
      ['VPC', ['Ref']],
      ['Subnet', ['Ref']],
    ]);
    template.hasResourceProperties('AWS::Logs::SubscriptionFilter', {
      LogGroupName: { Ref: idOf(template, 'AWS::Logs::LogGroup', 'FlowLogs') },
    });
  });

  it('has the outputs of the command line by their exact names when its id and stack are those of another app', () => {
    const stack = otherStack();
    new FlowSentinel(stack, 'Any');

    expect(Object.keys(Template.fromStack(stack).findOutputs('*'))).toEqual(outputNames);
  });

  it('exposes its resources when other constructs use them', () => {
    const stack = otherStack();
    const sentinel = new FlowSentinel(stack, 'FlowSentinel', { encryption: 'own', senderAccountIds: ['111122223333'] });
    sentinel.alertTopic.addSubscription(new UrlSubscription('https://example.com/alerts'));

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'https',
      TopicArn: { Ref: idOf(template, 'AWS::SNS::Topic', 'FlowSentinelAlertTopic') },
    });
    const ref = (type: string, start = '') => ({ Ref: idOf(template, type, start) });
    expect({
      table: stack.resolve(sentinel.table.tableName),
      journalTable: stack.resolve(sentinel.journalTable.tableName),
      bucket: stack.resolve(sentinel.bucket.bucketName),
      queue: stack.resolve(sentinel.failedRecordsQueue.queueUrl),
      function: stack.resolve(sentinel.function.functionName),
      flushFunction: stack.resolve(sentinel.flushFunction.functionName),
      stream: stack.resolve(sentinel.stream.deliveryStreamName),
      operationsTopic: stack.resolve(sentinel.operationsTopic.topicArn),
      database: stack.resolve(sentinel.databaseName),
      workGroup: stack.resolve(sentinel.workGroupName),
      key: stack.resolve(sentinel.encryptionKey?.keyId),
      alarms: sentinel.alarms.length,
      role: Object.keys(stack.resolve(sentinel.crossAccountRoleArn)),
    }).toEqual({
      table: ref('AWS::DynamoDB::Table', 'FlowSentinelCounterTable'),
      journalTable: ref('AWS::DynamoDB::Table', 'FlowSentinelJournalTable'),
      bucket: ref('AWS::S3::Bucket'),
      queue: ref('AWS::SQS::Queue'),
      function: ref('AWS::Lambda::Function', 'FlowSentinelDetector'),
      flushFunction: ref('AWS::Lambda::Function', 'FlowSentinelFlushFunction'),
      stream: ref('AWS::KinesisFirehose::DeliveryStream'),
      operationsTopic: ref('AWS::SNS::Topic', 'FlowSentinelOperationsTopic'),
      database: ref('AWS::Glue::Database'),
      workGroup: ref('AWS::Athena::WorkGroup'),
      key: ref('AWS::KMS::Key'),
      alarms: Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length,
      role: ['Fn::GetAtt'],
    });
  });

  it("keeps CDK's mapping of Firehose addresses only when another stream of the stack brought it", () => {
    const stack = otherStack();
    const destination = new S3Bucket(new Bucket(stack, 'Bucket') as IBucket);
    new DeliveryStream(stack, 'Stream', { destination });
    new FlowSentinel(stack, 'FlowSentinel');
    const alone = otherStack();
    new FlowSentinel(alone, 'FlowSentinel');

    expect(Object.keys(Template.fromStack(stack).findMappings('*'))).toHaveLength(1);
    expect(Template.fromStack(alone).findMappings('*')).toEqual({});
  });

  it('names every mistake when properties are invalid', () => {
    const props = { vpcIds: ['vpc-1'], retentionDays: 1, alertEmail: [] } as FlowSentinelProps;

    expect(() => new FlowSentinel(otherStack(), 'FlowSentinel', props)).toThrow(
      [
        'FlowSentinel: vpcIds.0: expected the id of a VPC, such as vpc-0123456789abcdef0, got "vpc-1"',
        'FlowSentinel: retentionDays: expected a whole number from 15 to 3650, got 1',
        'FlowSentinel: alertEmail is not supported',
      ].join('\n'),
    );
  });

  it('requires monitored networks when a VPC of the same app is logged', () => {
    const stack = otherStack();
    const vpcIds = [new Vpc(stack, 'Vpc', { natGateways: 0 }).vpcId];

    expect(() => new FlowSentinel(stack, 'FlowSentinel', { vpcIds })).toThrow('monitoredNetworks must name');
  });

  it('keeps the logical id of a flow log when another resource of the same app is added before it', () => {
    const idsOf = (names: readonly string[]) => {
      const stack = otherStack();
      const vpcs = names.map((name) => new Vpc(stack, name, { natGateways: 0 }));
      const logGroups = names.map((name) => ({ name: new LogGroup(stack, `Group${name}`).logGroupName }));
      new FlowSentinel(stack, 'FlowSentinel', {
        vpcIds: vpcs.map(({ vpcId }) => vpcId),
        logGroups,
        monitoredNetworks: ['10.0.0.0/16'],
      });
      const template = Template.fromStack(stack);
      return ['AWS::EC2::FlowLog', 'AWS::Logs::SubscriptionFilter'].flatMap((type) =>
        Object.keys(template.findResources(type)),
      );
    };

    expect(idsOf(['New', 'Old'])).toEqual(expect.arrayContaining(idsOf(['Old'])));
    expect(idsOf(['New', 'Old'])).toHaveLength(4);
  });

  it('names the mistake when a log group of the same app is given twice', () => {
    const stack = otherStack();
    const name = new LogGroup(stack, 'FlowLogs').logGroupName;

    expect(() => new FlowSentinel(stack, 'FlowSentinel', { logGroups: [{ name }, { name }] })).toThrow(
      'logGroups must name each log group once',
    );
  });

  it('names the mistake when VPCs are looked up and another VPC is known only at deployment', () => {
    const stack = otherStack();
    const vpcIds = [new Vpc(stack, 'Vpc', { natGateways: 0 }).vpcId];

    expect(() => new FlowSentinel(stack, 'FlowSentinel', { vpcIds, vpcTags: { logged: 'yes' } })).toThrow(
      'vpcTags and allVpcs look up VPCs at synth: expected ids that are known then, got tokens',
    );
  });

  it('fails when its stack already has a FlowSentinel, but not when another stack has one', () => {
    const app = createApp(withoutBundling);
    const stack = new Stack(app, 'One');
    new FlowSentinel(stack, 'First');

    expect(() => new FlowSentinel(stack, 'Second')).toThrow('got a stack that already has One/First');
    expect(() => new FlowSentinel(new Stack(app, 'Two'), 'Second')).not.toThrow();
  });

  it('fails when its stack is nested, since names derive from the name of the stack', () => {
    const nested = new NestedStack(otherStack(), 'Nested');

    expect(() => new FlowSentinel(nested, 'FlowSentinel')).toThrow('got a nested stack');
  });

  it('has a property with the documented default when there is a setting', () => {
    expectTypeOf<keyof FlowSentinelProps>().toEqualTypeOf<keyof Settings>();
    expectTypeOf<Settings>().toExtend<FlowSentinelProps>();
    const text = readFileSync(join(import.meta.dirname, '../../lib/settings/flow-sentinel-props.ts'), 'utf8');
    const documented = Object.fromEntries(
      [...text.matchAll(/@default (\S+?),?(?: .*)?\n {3}\*\/\n {2}readonly (\w+)\?:/g)].map(([, value, name]) => [
        name,
        value,
      ]),
    );
    const defaults = Object.entries(settingsShape.parse({}));
    expect(Object.keys(documented)).toEqual(Object.keys(settingsShape.shape));
    for (const [name, value] of defaults.filter(([, one]) => typeof one !== 'object')) {
      expect([name, documented[name]]).toEqual([name, typeof value === 'string' ? `'${value}'` : String(value)]);
    }
  });
});
