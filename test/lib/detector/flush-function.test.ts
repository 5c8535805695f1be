import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { environmentNames, readConfig } from '../../../lambda/config.ts';
import { readFlushTask } from '../../../lambda/flush/flush-task.ts';
import { laneCounts, lanesOf } from '../../../lambda/journal/lane.ts';
import { detectorMemory } from '../../../lib/detector/detector.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const type = 'AWS::Lambda::Function';
const template = synthesize();
const id = idOf(template, type, 'FlushFunction');
const flush = template.findResources(type)[id]!.Properties;
const detector = template.findResources(type)[idOf(template, type, 'Detector')]!.Properties;
const role = idOf(template, 'AWS::IAM::Role', 'FlushFunction');
const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'FlushFunction');

interface Schedule {
  readonly ScheduleExpression: string;
  readonly State: string;
  readonly Targets: readonly { readonly Arn: unknown; readonly Input: string; readonly RetryPolicy: unknown }[];
}

function schedulesOf(from: Template): Schedule[] {
  const rules = Object.entries(from.findResources('AWS::Events::Rule'));
  return rules.filter(([one]) => one.startsWith('FlushFunction')).map(([, { Properties }]) => Properties as Schedule);
}

function tasksOf(from: Template) {
  return schedulesOf(from).flatMap(({ Targets }) => Targets.map(({ Input }) => readFlushTask(JSON.parse(Input))));
}

describe('FlushFunction', () => {
  it('has the code and the environment of the detector, and another handler, when it is created', () => {
    expect(flush).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.flushHandler',
      MemorySize: 1769,
      Timeout: 300,
    });
    expect(flush.MemorySize).toBeGreaterThan(detectorMemory);
    expect(flush.Code).toEqual(detector.Code);
    expect(flush.Environment).toEqual(detector.Environment);
  });

  it.each([
    [{}, 0, 300],
    [{ countEvery: '15', countLanes: '128' }, 0, 900],
    [{ counting: 'journal' }, 16, 300],
    [{ counting: 'journal', countEvery: '1', countLanes: '128' }, 128, 60],
  ])(
    'gives both functions the journal, and as many lanes as batches use, when settings are %j',
    (context, lanes, seconds) => {
      const { Variables: variables } = (
        Object.values(synthesize({ context }).findResources(type))[0]!.Properties as typeof flush
      ).Environment;

      expect(variables[environmentNames.journalTableName]).toEqual({
        Ref: idOf(template, 'AWS::DynamoDB::Table', 'JournalTable'),
      });
      const named = { ...variables, [environmentNames.tableName]: 'counters', [environmentNames.topicArn]: 'arn' };
      const config = readConfig({ ...named, [environmentNames.journalTableName]: 'journal' });
      expect([config.countLanes, config.countEverySeconds]).toEqual([lanes, seconds]);
    },
  );

  it('may only count, read and write the journal, publish alerts and write its log when tracing is off', () => {
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::DynamoDB::Table', 'CounterTable'), 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, 'AWS::DynamoDB::Table', 'JournalTable'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: idOf(template, 'AWS::SNS::Topic', 'AlertTopic') } },
    ]);
    expect(flush.Role).toEqual({ 'Fn::GetAtt': [role, 'Arn'] });
    expect(flush.LoggingConfig).toEqual({ LogGroup: { Ref: logGroup } });
  });

  it('is invoked each minute without retries when it is created, also if batches are counted directly', () => {
    expect(schedulesOf(template)).toMatchObject([
      {
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [
          {
            Arn: { 'Fn::GetAtt': [id, 'Arn'] },
            RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
          },
        ],
      },
    ]);
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: id },
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  it.each([
    [16, 1],
    [128, 32],
  ])('gives each of %i lanes to one of %i invocations a minute, at most five of a rule', (lanes, processes) => {
    const stack = synthesize({ context: { counting: 'journal', countLanes: String(lanes) } });
    const tasks = tasksOf(stack);

    expect(tasks).toHaveLength(processes);
    for (const { number } of lanesOf(lanes)) {
      expect(tasks.filter((task) => number % task.processes === task.index)).toHaveLength(1);
    }
    for (const { Targets } of schedulesOf(stack)) expect(Targets.length).toBeLessThanOrEqual(5);
    expect(laneCounts).toContain(lanes);
  });

  it('lets only its own rules invoke it when EventBridge calls', () => {
    const stack = synthesize({ context: { countLanes: '128' } });
    const rules = Object.keys(stack.findResources('AWS::Events::Rule')).filter((one) =>
      one.startsWith('FlushFunction'),
    );
    const permissions = Object.values(stack.findResources('AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );

    expect(permissions).toHaveLength(rules.length);
    expect(permissions).toEqual(
      expect.arrayContaining(
        rules.map((rule) => ({
          Action: 'lambda:InvokeFunction',
          FunctionName: { 'Fn::GetAtt': [id, 'Arn'] },
          Principal: 'events.amazonaws.com',
          SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
        })),
      ),
    );
  });
});
