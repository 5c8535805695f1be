import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { journalTableSchema } from '../../../emulators/local-stack.ts';
import { JournalTable } from '../../../lib/detector/journal-table.ts';
import { idOf, statementsOf, synthesize, templateWith } from '../synthesis.ts';

const type = 'AWS::DynamoDB::Table';

describe('JournalTable', () => {
  it('has the keys and billing mode of the local table when it is created', () => {
    const template = templateWith((stack) => new JournalTable(stack, 'Journal'));

    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(journalTableSchema);
  });

  it('is on demand without a maximum when the counter table has limits', () => {
    const bounded = synthesize({ context: { maxWrites: '5000', warmWrites: '5000' } });
    const provisioned = synthesize({ context: { provisionedWrites: '{"min": 1, "max": 2}' } });

    for (const template of [bounded, provisioned]) {
      const table = template.findResources(type)[idOf(template, type, 'JournalTable')]!.Properties;
      expect(table).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
      expect(table).not.toHaveProperty('OnDemandThroughput');
      expect(table).not.toHaveProperty('WarmThroughput');
    }
  });

  it('deletes what has expired, and has no point-in-time recovery, when it is created', () => {
    const template = templateWith((stack) => new JournalTable(stack, 'Journal'));

    template.hasResourceProperties(type, {
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: Match.absent(),
    });
  });

  it('is retained when the stack is deleted, unless it is unprotected', () => {
    const retained = templateWith((stack) => new JournalTable(stack, 'Journal'));
    const deleted = templateWith((stack) => new JournalTable(stack, 'Journal', { protect: false }));

    retained.hasResource(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    deleted.hasResource(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  it.each([
    ['grantPutPages', ['dynamodb:PutItem', 'dynamodb:UpdateItem']],
    ['grantFlush', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']],
  ] as const)('allows only the actions of the journal port when %s is called', (grant, actions) => {
    const template = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new JournalTable(stack, 'Journal')[grant](role);
    });

    expect(statementsOf(template, idOf(template, 'AWS::IAM::Role'))).toEqual([
      { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': [idOf(template, type), 'Arn'] } },
    ]);
  });
});
