import { Aws, Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { OperationsTopic } from './operations-topic.ts';

export interface MonthlyBudgetProps {
  /** The limit in US dollars a month. */
  readonly usd: number;
  /** The topic that receives the notifications. */
  readonly operations: OperationsTopic;
}

/**
 * An AWS Budget over the costs of the complete account, since a filter by a tag needs an activated tag. AWS updates the
 * costs about three times a day: the budget reports, and stops nothing.
 */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { usd, operations }: MonthlyBudgetProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const subscribers = [{ subscriptionType: 'SNS', address: operations.topic.topicArn }];
    const at = (notificationType: 'FORECASTED' | 'ACTUAL', threshold: number) => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers,
    });
    const budget = new CfnBudget(this, 'Budget', {
      budget: {
        // The budgets of all regions of an account share one namespace.
        budgetName: `${stackName}-${Aws.REGION}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: usd, unit: 'USD' },
        // No filter: a tag matches no cost until someone activates it in the Billing console (Billing User Guide,
        // "Activating user-defined cost allocation tags").
      },
      // A forecast needs about five weeks of costs (Billing User Guide, "Managing your costs with AWS Budgets").
      notificationsWithSubscribers: [at('FORECASTED', 80), at('ACTUAL', 100)],
    });
    // AWS Budgets checks that it may publish when the budget is created.
    budget.node.addDependency(operations.allowBudgets());
  }
}
