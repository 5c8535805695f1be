import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { counterTableSchema } from '../../../emulators/local-stack.ts';
import { PairTable } from '../../../lib/detector/counter-table.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

const type = 'AWS::DynamoDB::Table';

describe('pair table', () => {
  it('is the table that runs on the laptop: same key, on demand', () => {
    const template = templateWith((stack) => new PairTable(stack, 'Table'));

    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(counterTableSchema);
  });

  it('has capacity bought ahead where it is asked for, with autoscaling of writes and reads', () => {
    const template = templateWith((stack) => {
      new PairTable(stack, 'Table', { provisionedWrites: { min: 1000, max: 6000 } });
    });

    template.hasResourceProperties(type, {
      ProvisionedThroughput: { WriteCapacityUnits: 1000, ReadCapacityUnits: 100 },
    });
    const targets = Object.values(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget'));
    expect(targets.map(({ Properties }) => [Properties.MinCapacity, Properties.MaxCapacity])).toEqual([
      [1000, 6000],
      [100, 6000],
    ]);
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 2);
    template.allResourcesProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
    });
  });

  it('takes many writes at once where it is asked to, still on demand', () => {
    const template = templateWith((stack) => new PairTable(stack, 'Table', { warmWrites: 20_000 }));

    template.hasResourceProperties(type, {
      BillingMode: 'PAY_PER_REQUEST',
      WarmThroughput: { WriteUnitsPerSecond: 20_000 },
    });
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
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [idOf(template, type), 'Arn'] },
      },
    ]);
  });
});
