import { Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { counterTableSchema } from '../../../emulators/local-stack.ts';
import { CounterTable } from '../../../lib/detector/counter-table.ts';
import { idOf, statementsOf, templateWith } from '../synthesis.ts';

const type = 'AWS::DynamoDB::Table';

describe('CounterTable', () => {
  it('has the key and billing mode of the local table when it is created', () => {
    const template = templateWith((stack) => new CounterTable(stack, 'Table'));

    const { KeySchema, AttributeDefinitions, BillingMode } =
      template.findResources(type)[idOf(template, type)]!.Properties;
    expect({ KeySchema, AttributeDefinitions, BillingMode }).toEqual(counterTableSchema);
  });

  it('has provisioned capacity with autoscaling of writes and reads when provisionedWrites is set', () => {
    const template = templateWith((stack) => {
      new CounterTable(stack, 'Table', { provisionedWrites: { min: 1000, max: 6000 } });
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

  it('has warm throughput and on-demand billing when warmWrites is set', () => {
    const template = templateWith((stack) => new CounterTable(stack, 'Table', { warmWrites: 20_000 }));

    template.hasResourceProperties(type, {
      BillingMode: 'PAY_PER_REQUEST',
      WarmThroughput: { WriteUnitsPerSecond: 20_000 },
    });
  });

  it('has a maximum of write units when maxWrites is set, and none by default', () => {
    const bounded = templateWith((stack) => new CounterTable(stack, 'Table', { warmWrites: 5000, maxWrites: 8000 }));
    const unbounded = templateWith((stack) => new CounterTable(stack, 'Table'));

    bounded.hasResourceProperties(type, {
      BillingMode: 'PAY_PER_REQUEST',
      OnDemandThroughput: { MaxWriteRequestUnits: 8000 },
      WarmThroughput: { WriteUnitsPerSecond: 5000 },
    });
    unbounded.hasResourceProperties(type, { OnDemandThroughput: Match.absent() });
  });

  it('deletes counters when they have expired', () => {
    const template = templateWith((stack) => new CounterTable(stack, 'Table'));

    template.hasResourceProperties(type, {
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('has point-in-time recovery and is retained when the stack is deleted', () => {
    const template = templateWith((stack) => new CounterTable(stack, 'Table'));

    template.hasResource(type, {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it('allows only updating and reading items when counting is granted', () => {
    const template = templateWith((stack) => {
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new CounterTable(stack, 'Table').grantCount(role);
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
