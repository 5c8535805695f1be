import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { PairTable } from '../../lib/pair-table.ts';
import { counterTableSchema } from '../../local/counter-table.ts';
import { idOf, statementsOf, templateWith } from './synthesis.ts';

const type = 'AWS::DynamoDB::Table';

describe('pair table', () => {
  it('is the table that runs on the laptop: same key, on demand', () => {
    const template = templateWith((stack) => new PairTable(stack, 'Table'));

    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(counterTableSchema);
  });

  it('forgets counters that have expired', () => {
    const template = templateWith((stack) => new PairTable(stack, 'Table'));

    template.hasResourceProperties(type, {
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('can be restored to any second, and stays when the stack goes', () => {
    const template = templateWith((stack) => new PairTable(stack, 'Table'));

    template.hasResource(type, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it('lets who counts update and get items, and nothing else', () => {
    const template = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new PairTable(stack, 'Table').grantCount(role);
    });

    expect(statementsOf(template, idOf(template, 'AWS::IAM::Role'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, type), 'Arn'] },
      },
    ]);
  });
});
