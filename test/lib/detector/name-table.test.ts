import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { NameTable } from '../../../lib/detector/name-table.ts';
import { nameTableSchema } from '../../support/name-table.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

const type = 'AWS::DynamoDB::Table';
const template = templateWith((stack) => new NameTable(stack, 'Names'));

describe('NameTable', () => {
  it('has the key and billing mode of the local table when it is created', () => {
    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(nameTableSchema);
  });

  it('has a stream of new items, deletes what has expired, and has no point-in-time recovery', () => {
    template.hasResourceProperties(type, {
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: Match.absent(),
    });
  });

  it('is retained when the stack is deleted, unless it is unprotected', () => {
    const deleted = templateWith((stack) => new NameTable(stack, 'Names', { protect: false }));
    template.hasResource(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    deleted.hasResource(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  it.each([
    ['grantReadAndPut', ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], 'Arn'],
    [
      'grantReadStream',
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      'StreamArn',
    ],
  ] as const)('allows only its actions, on the table or its stream, when %s is called', (grant, actions, attribute) => {
    const granted = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new NameTable(stack, 'Names')[grant](role);
    });
    expect(statementsOf(granted, idOf(granted, 'AWS::IAM::Role'))).toEqual([
      { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': [idOf(granted, type), attribute] } },
    ]);
  });
});
