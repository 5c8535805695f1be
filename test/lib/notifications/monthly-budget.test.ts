import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { idOf, synthesize } from '../synthesis.ts';

const type = 'AWS::Budgets::Budget';
const template = synthesize({ context: { monthlyBudgetUsd: '300', encryption: 'own' } });
const topic = { Ref: idOf(template, 'AWS::SNS::Topic', 'OperationsTopic') };
const fromBudgets = {
  ArnLike: {
    'aws:SourceArn': {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::', { Ref: 'AWS::AccountId' }, ':*']],
    },
  },
  StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
};

describe('MonthlyBudget', () => {
  it('notifies the operations topic at 80 % by forecast and at 100 % in fact when a budget is set', () => {
    template.hasResourceProperties(type, {
      Budget: {
        BudgetType: 'COST',
        TimeUnit: 'MONTHLY',
        BudgetLimit: { Amount: 300, Unit: 'USD' },
        CostFilters: Match.absent(),
      },
      NotificationsWithSubscribers: [
        ['FORECASTED', 80],
        ['ACTUAL', 100],
      ].map(([NotificationType, Threshold]) => ({
        Notification: {
          NotificationType,
          Threshold,
          ThresholdType: 'PERCENTAGE',
          ComparisonOperator: 'GREATER_THAN',
        },
        Subscribers: [{ SubscriptionType: 'SNS', Address: topic }],
      })),
    });
  });

  it('may publish to the operations topic before it is created, when it is a budget of the account', () => {
    const policy = idOf(template, 'AWS::SNS::TopicPolicy', 'OperationsTopic');

    const { Statement } = template.findResources('AWS::SNS::TopicPolicy')[policy]!.Properties.PolicyDocument;
    expect(Statement.at(-1)).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'budgets.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
      Condition: fromBudgets,
    });
    expect(template.findResources(type)[idOf(template, type)]!.DependsOn).toEqual([policy]);
  });

  it('may use the customer-managed key when the topic has it', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          {
            Sid: 'Budgets',
            Effect: 'Allow',
            Principal: { Service: 'budgets.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Resource: '*',
            Condition: fromBudgets,
          },
        ]),
      },
    });
  });

  it('does not exist, and nobody lets budgets publish, when no budget is set', () => {
    const without = synthesize({ context: { encryption: 'own' } });

    without.resourceCountIs(type, 0);
    expect(JSON.stringify(without.toJSON())).not.toContain('budgets.amazonaws.com');
  });
});
