import { describe, expect, it } from 'vitest';
import { defaultMaintenance } from '../../../lambda/aws/dynamo-counter-store.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, parseFormat } from '../../../lambda/flow-log/format.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const template = synthesize();

const type = 'AWS::Lambda::Function';
const id = idOf(template, type);
const { Properties: detector } = template.findResources(type)[id]!;
const { Variables: variables } = detector.Environment;
const role = idOf(template, 'AWS::IAM::Role', 'Detector');
const topic = idOf(template, 'AWS::SNS::Topic', 'AlertTopic');
const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'Detector');

describe('detector', () => {
  it('runs on Node.js 24 and Graviton, for as long as Firehose waits', () => {
    expect(detector).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1024,
      Timeout: 300,
    });
  });

  it('is over, with the requests that it sent last, before items forget what it counts, by a clock a fifth too fast', () => {
    const signatureSeconds = 300;
    const most = (detector.Timeout + signatureSeconds) * 1.2 * 1000;
    expect(defaultMaintenance.finishing.attemptMilliseconds).toBeGreaterThanOrEqual(most);
  });

  it('may count, publish alerts and write its log, and nothing else', () => {
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::DynamoDB::Table'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
    ]);
    expect(detector.Role).toEqual({ 'Fn::GetAtt': [role, 'Arn'] });
    expect(Object.keys(template.findResources('AWS::IAM::Role')[role]!.Properties)).toEqual([
      'AssumeRolePolicyDocument',
    ]);
  });

  it('is not traced, and where it is may write traces and do nothing else', () => {
    const traced = synthesize({ context: { tracing: 'true' } });

    const [{ Properties: properties }] = Object.values(traced.findResources(type)) as [{ Properties: unknown }];
    expect(detector.TracingConfig).toBeUndefined();
    expect(properties).toMatchObject({ TracingConfig: { Mode: 'Active' } });
    const before = statementsOf(template, role).map((statement) => JSON.stringify(statement));
    const added = statementsOf(traced, role).filter((statement) => !before.includes(JSON.stringify(statement)));
    expect(added).toEqual([
      { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' },
    ]);
  });

  it('logs to a group of its own, for a month', () => {
    expect(detector.LoggingConfig).toEqual({ LogGroup: { Ref: logGroup } });
    expect(template.findResources('AWS::Logs::LogGroup')[logGroup]!.Properties).toEqual({ RetentionInDays: 30 });
  });

  it('is told its table, its topic, its stack, how long counters are kept and how many messages may go', () => {
    expect(variables).toMatchObject({
      [environmentNames.tableName]: { Ref: idOf(template, 'AWS::DynamoDB::Table') },
      [environmentNames.topicArn]: { Ref: topic },
      [environmentNames.stackName]: 'FlowSentinel',
      [environmentNames.retentionDays]: '30',
      [environmentNames.messagesPerBatch]: '20',
      [environmentNames.messagesPerMinute]: '60',
    });
  });

  it('is told our format, and the default one for flow logs that exist already', () => {
    const formats = (variables[environmentNames.formats] as string).split('\n');

    expect(formats).toEqual([logFields.join(' '), defaultFormat]);
    expect(formats.map(parseFormat)).toMatchObject([{ names: logFields }, { names: defaultFormat.split(' ') }]);
  });

  it('is told the formats of the context instead of the default one', () => {
    const ofContext = synthesize({ context: { logFormats: 'version srcaddr dstaddr', retentionDays: '400' } });

    ofContext.hasResourceProperties(type, {
      Environment: {
        Variables: {
          [environmentNames.formats]: `${logFields.join(' ')}\nversion srcaddr dstaddr`,
          [environmentNames.retentionDays]: '400',
        },
      },
    });
  });

  it('fails when formats cannot be told apart', () => {
    const logFormats = ['version srcaddr dstaddr', 'version dstaddr srcaddr'];

    expect(() => synthesize({ context: { logFormats } })).toThrow('formats 2 and 3 are ambiguous');
  });
});
