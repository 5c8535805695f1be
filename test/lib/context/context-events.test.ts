import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { environmentNames } from '../../../lambda/config.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const type = 'AWS::Lambda::Function';
const template = synthesize({ context: { context: 'true', contextDays: '30' } });
const ofOrganization = synthesize({ context: { context: 'true', organizationId: 'o-a1b2c3d4e5' } });
const functionId = idOf(template, type, 'ContextEvents');
const role = idOf(template, 'AWS::IAM::Role', 'ContextEvents');
const table = idOf(template, 'AWS::DynamoDB::Table', 'ContextTable');
const [queue, deadLetters] = ['ContextEventsQueue', 'ContextEventsQueueDeadLetters'].map((start) =>
  Object.keys(template.findResources('AWS::SQS::Queue')).find((id) => new RegExp(`^${start}[0-9A-F]{8}$`).test(id)),
);
const [mapping] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));

function rulesOf(from: Template) {
  return Object.entries(from.findResources('AWS::Events::Rule')).filter(([id]) => id.startsWith('ContextEvents'));
}

describe('ContextEvents', () => {
  it('has a function with a minute, its table, its queue and the days of the settings', () => {
    const { Properties: made } = template.findResources(type)[functionId]!;
    expect(made).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 60 });
    expect(made.Environment.Variables).toMatchObject({
      [environmentNames.contextTableName]: { Ref: table },
      [environmentNames.contextQueueUrl]: { Ref: queue },
      [environmentNames.contextDays]: '30',
      [environmentNames.stackName]: expect.any(String),
      [environmentNames.rulesFile]: './rules.json',
      [environmentNames.guardDutyAnswers]: 'off',
    });
    expect(made).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('takes two batches at once, so that a burst waits in the queue, and returns single messages', () => {
    expect(mapping!.Properties).toMatchObject({
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
    });
  });

  it('hides a message for six timeouts, and gives it up after five attempts, for 14 days', () => {
    const queues = template.findResources('AWS::SQS::Queue');
    expect(queues[queue!]!.Properties).toMatchObject({
      VisibilityTimeout: 360,
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] }, maxReceiveCount: 5 },
    });
    expect(queues[deadLetters!]!.Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
  });

  it('may only describe places, use its queue and the tables, publish alerts, and write its log', () => {
    const [log, ...others] = statementsOf(template, role);
    expect(log).toMatchObject({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] });
    expect(others).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        Resource: { 'Fn::GetAtt': [table, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
        Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::DynamoDB::Table', 'CounterTable'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: idOf(template, 'AWS::SNS::Topic', 'AlertTopic') } },
      {
        Effect: 'Allow',
        Action: ['ec2:DescribeNetworkAcls', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeRouteTables'],
        Resource: '*',
      },
    ]);
  });

  it('matches only events of its own account when there is no organization', () => {
    const rules = rulesOf(template);
    expect(rules.length).toBeGreaterThan(1);
    for (const [, { Properties }] of rules) {
      expect(Properties).not.toHaveProperty('EventBusName');
      expect(Properties.EventPattern.account).toEqual([{ Ref: 'AWS::AccountId' }]);
      expect(Properties.Targets).toEqual([{ Arn: { 'Fn::GetAtt': [queue, 'Arn'] }, Id: 'Target0' }]);
    }
    expect(template.findResources('AWS::Events::EventBus')).toEqual({});
    expect(template.findOutputs('ContextBusArn')).toEqual({});
  });

  it('lets only its rules write into the queue', () => {
    const [{ Properties }] = Object.values(template.findResources('AWS::SQS::QueuePolicy')).filter((policy) =>
      policy.Properties.Queues.some((one: { Ref: string }) => one.Ref === queue),
    ) as [{ Properties: { PolicyDocument: { Statement: { Effect: string; Condition: unknown }[] } } }];
    const [allowed, ...others] = Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
    const arns = rulesOf(template).map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    expect(others).toEqual([]);
    expect(allowed!.Condition).toEqual({ ArnEquals: { 'aws:SourceArn': arns } });
  });

  it('has a bus for the organization, whose rules take all of its accounts', () => {
    const bus = idOf(ofOrganization, 'AWS::Events::EventBus');
    const [policy] = Object.values(ofOrganization.findResources('AWS::Events::EventBusPolicy'));
    expect(policy!.Properties.Statement).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'events:PutEvents',
      Resource: { 'Fn::GetAtt': [bus, 'Arn'] },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    });
    const onBus = rulesOf(ofOrganization).filter(([, { Properties }]) => Properties.EventBusName);
    expect(onBus).toHaveLength(rulesOf(template).length);
    for (const [, { Properties }] of onBus) {
      expect(Properties.EventBusName).toEqual({ Ref: bus });
      expect(Properties.EventPattern).not.toHaveProperty('account');
    }
    expect(ofOrganization.findOutputs('ContextBusArn')).toMatchObject({
      ContextBusArn: { Value: { 'Fn::GetAtt': [bus, 'Arn'] } },
    });
  });

  it.each(['Detector', 'FlushFunction'])('lets %s read context and store alerts', (name) => {
    const { Properties } = template.findResources(type)[idOf(template, type, name)]!;
    expect(Properties.Environment.Variables).toMatchObject({
      [environmentNames.contextTableName]: { Ref: table },
      [environmentNames.contextDays]: '30',
    });
    expect(statementsOf(template, idOf(template, 'AWS::IAM::Role', name))).toContainEqual({
      Effect: 'Allow',
      Action: ['dynamodb:BatchWriteItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      Resource: { 'Fn::GetAtt': [table, 'Arn'] },
    });
  });

  it('is not in the stack when the setting is off, nor is anything for it', () => {
    expect(JSON.stringify(synthesize().toJSON())).not.toMatch(/Context(?:Events|Table|Bus)|CONTEXT_|ec2:Describe/);
  });
});
