import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { contextTableSchema } from '../../../emulators/local-stack.ts';
import { ContextTable } from '../../../lib/detector/context-table.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

const type = 'AWS::DynamoDB::Table';
const template = templateWith((stack) => new ContextTable(stack, 'Context', { days: 14 }));

describe('ContextTable', () => {
  it('has the keys and billing mode of the local table when it is created', () => {
    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(contextTableSchema);
  });

  it('deletes what has expired, and has neither a stream nor point-in-time recovery', () => {
    template.hasResourceProperties(type, {
      StreamSpecification: Match.absent(),
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: Match.absent(),
    });
  });

  it('is retained when the stack is deleted, unless it is unprotected', () => {
    const deleted = templateWith((stack) => new ContextTable(stack, 'Context', { days: 14, protect: false }));
    template.hasResource(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    deleted.hasResource(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  it.each([
    ['grantAlert', ['dynamodb:BatchWriteItem', 'dynamodb:PutItem', 'dynamodb:Query']],
    ['grantStore', ['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']],
  ] as const)('allows only its actions on the table when %s is called', (grant, actions) => {
    const granted = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new ContextTable(stack, 'Context', { days: 14 })[grant](role);
    });
    expect(statementsOf(granted, idOf(granted, 'AWS::IAM::Role'))).toEqual([
      { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': [idOf(granted, type), 'Arn'] } },
    ]);
  });
});
