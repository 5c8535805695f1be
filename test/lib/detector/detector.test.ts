import { describe, expect, it } from 'vitest';
import { defaultMaintenance } from '../../../lambda/aws/dynamo-counter-store.ts';
import { environmentNames } from '../../../lambda/config.ts';
import { logFields } from '../../../lambda/flow-log/deployed-format.ts';
import { defaultFormat, parseFormat } from '../../../lambda/flow-log/format.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const template = synthesize();

const type = 'AWS::Lambda::Function';
const id = idOf(template, type, 'Detector');
const { Properties: detector } = template.findResources(type)[id]!;
const { Variables: variables } = detector.Environment;
const role = idOf(template, 'AWS::IAM::Role', 'Detector');
const topic = idOf(template, 'AWS::SNS::Topic', 'AlertTopic');
const counters = idOf(template, 'AWS::DynamoDB::Table', 'CounterTable');
const journal = idOf(template, 'AWS::DynamoDB::Table', 'JournalTable');
const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'Detector');

describe('Detector', () => {
  it("runs on Node.js 24 and Graviton with Firehose's timeout when it is created", () => {
    expect(detector).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1024,
      Timeout: 300,
    });
  });

  it('ends with its last requests before dedup tokens expire when a clock runs a fifth too fast', () => {
    const signatureSeconds = 300;
    const most = (detector.Timeout + signatureSeconds) * 1.2 * 1000;
    expect(defaultMaintenance.finishing.attemptMilliseconds).toBeGreaterThanOrEqual(most);
  });

  it('may only count, put pages, publish alerts and write its log when tracing is off', () => {
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [counters, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [journal, 'Arn'] },
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: topic } },
    ]);
    expect(detector.Role).toEqual({ 'Fn::GetAtt': [role, 'Arn'] });
    expect(Object.keys(template.findResources('AWS::IAM::Role')[role]!.Properties)).toEqual([
      'AssumeRolePolicyDocument',
    ]);
  });

  it('may in addition only write traces when tracing is on', () => {
    const traced = synthesize({ context: { tracing: 'true' } });

    expect(detector.TracingConfig).toBeUndefined();
    traced.allResourcesProperties(type, { TracingConfig: { Mode: 'Active' } });
    const before = statementsOf(template, role).map((statement) => JSON.stringify(statement));
    const added = statementsOf(traced, role).filter((statement) => !before.includes(JSON.stringify(statement)));
    expect(added).toEqual([
      { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' },
    ]);
  });

  it('logs to its own log group for a month when it is created', () => {
    expect(detector.LoggingConfig).toEqual({ LogGroup: { Ref: logGroup } });
    expect(template.findResources('AWS::Logs::LogGroup')[logGroup]!.Properties).toEqual({ RetentionInDays: 30 });
  });

  it('has table, topic, stack, retention and message limits in its environment when settings are defaults', () => {
    expect(variables).toMatchObject({
      [environmentNames.tableName]: { Ref: counters },
      [environmentNames.topicArn]: { Ref: topic },
      [environmentNames.stackName]: 'FlowSentinel',
      [environmentNames.retentionDays]: '30',
      [environmentNames.messagesPerBatch]: '20',
      [environmentNames.messagesPerMinute]: '60',
    });
  });

  it("has the stack's format and AWS's default format in its environment when settings are defaults", () => {
    const formats = (variables[environmentNames.formats] as string).split('\n');

    expect(formats).toEqual([logFields.join(' '), defaultFormat]);
    expect(formats.map(parseFormat)).toMatchObject([{ names: logFields }, { names: defaultFormat.split(' ') }]);
  });

  it("has the formats of the settings instead of AWS's default when logFormats is set", () => {
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

  it('fails when two formats cannot be distinguished', () => {
    const logFormats = ['version srcaddr dstaddr', 'version dstaddr srcaddr'];

    expect(() => synthesize({ context: { logFormats } })).toThrow('formats 2 and 3 are ambiguous');
  });
});
