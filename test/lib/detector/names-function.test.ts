import { describe, expect, it } from 'vitest';
import { environmentNames } from '../../../lambda/config.ts';
import { entryItem, requestItem } from '../../../lambda/names/name-items.ts';
import { maxNamesPerInvocation } from '../../../lambda/names-handler.ts';
import { idOf, statementsOf, synthesize } from '../synthesis.ts';

const type = 'AWS::Lambda::Function';
const template = synthesize({ context: { names: 'true' } });
const id = idOf(template, type, 'NamesFunction');
const role = idOf(template, 'AWS::IAM::Role', 'NamesFunction');
const logGroup = idOf(template, 'AWS::Logs::LogGroup', 'NamesFunction');
const table = idOf(template, 'AWS::DynamoDB::Table', 'NameTable');
const [mapping] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));

describe('NamesFunction', () => {
  it('has ten seconds, and the name of its table', () => {
    const { Properties: names } = template.findResources(type)[id]!;
    expect(names).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 10,
      Handler: 'index.handler',
    });
    expect(names.Environment.Variables).toMatchObject({
      [environmentNames.nameTableName]: { Ref: table },
      [environmentNames.stackName]: expect.any(String),
    });
  });

  it('may only describe interfaces and instances, use the table and its stream, and write its log', () => {
    expect(statementsOf(template, role)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
        Resource: { 'Fn::GetAtt': [table, 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
        Resource: { 'Fn::GetAtt': [table, 'StreamArn'] },
      },
      { Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'], Resource: '*' },
    ]);
  });

  it('gets each request once, within a minute, in the batches that it takes', () => {
    expect(mapping!.Properties).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [table, 'StreamArn'] },
      FunctionName: { Ref: id },
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      BatchSize: maxNamesPerInvocation,
    });
  });

  it('gets requests, and neither entries nor what has expired', () => {
    const [{ Pattern }] = mapping!.Properties.FilterCriteria.Filters;
    const { eventName, dynamodb } = JSON.parse(Pattern);
    expect(eventName).toEqual(['INSERT', 'MODIFY']);
    const [attribute] = Object.keys(dynamodb.NewImage);
    expect(dynamodb.NewImage[attribute!]).toEqual({ S: [{ exists: true }] });
    const key = { interface: 'eni-0a1b2c3d' };
    expect(requestItem(key, 0)).toHaveProperty(`${attribute}.S`);
    expect(entryItem(key, { addresses: [] }, 0)).not.toHaveProperty(attribute!);
  });

  it.each(['Detector', 'FlushFunction'])('lets %s read and put items of the table', (name) => {
    const { Properties } = template.findResources(type)[idOf(template, type, name)]!;
    expect(Properties.Environment.Variables[environmentNames.nameTableName]).toEqual({ Ref: table });
    expect(statementsOf(template, idOf(template, 'AWS::IAM::Role', name))).toContainEqual({
      Effect: 'Allow',
      Action: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
      Resource: { 'Fn::GetAtt': [table, 'Arn'] },
    });
  });

  it('is not in the stack when the setting is off, nor is anything for it', () => {
    const without = JSON.stringify(synthesize().toJSON());
    expect(without).not.toMatch(/NamesFunction|NameTable|NAME_TABLE_NAME|EventSourceMapping|ec2:Describe/);
  });
});
