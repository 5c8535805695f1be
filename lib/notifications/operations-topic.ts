import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IDependable } from 'constructs';
import { type EmailTopicProps, emailTopic } from './email-topic.ts';

/** The topic of alarms about flow-sentinel itself, over TLS only and separate from the alerts about the network. */
export class OperationsTopic extends Construct {
  readonly topic: Topic;
  /** The alarm action that publishes to the topic. */
  readonly action: IAlarmAction;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    // Without a customer-managed key the topic is not encrypted: alarms may not use the AWS-managed key of SNS.
    const topic = emailTopic(this, 'flow-sentinel operations', props);
    this.topic = topic;
    topic.addToResourcePolicy(alarmPublishStatement(topic.topicArn, Stack.of(this)));
    this.action = { bind: () => ({ alarmActionArn: topic.topicArn }) };
  }

  /** Lets the budgets of the account publish. Returns the policy, which must exist before a budget does. */
  allowBudgets(): IDependable {
    const statement = budgetPublishStatement(this.topic.topicArn, Stack.of(this));
    return this.topic.addToResourcePolicy(statement).policyDependable!;
  }
}

/**
 * Lets the alarms of the stack publish. A custom policy replaces the default one that lets the whole account publish. The
 * condition names the alarms, so CloudWatch cannot be used on behalf of another account (SNS Developer Guide, "Example
 * cases for Amazon SNS access control").
 */
function alarmPublishStatement(topicArn: string, stack: Stack): PolicyStatement {
  const alarms = stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${stack.stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topicArn],
    conditions: { ArnLike: { 'aws:SourceArn': alarms }, StringEquals: { 'aws:SourceAccount': stack.account } },
  });
}

/** Lets the budgets of the account publish (Billing User Guide, "Creating an Amazon SNS topic for budget notifications"). */
function budgetPublishStatement(topicArn: string, { account, partition }: Stack): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('budgets.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topicArn],
    conditions: {
      ArnLike: { 'aws:SourceArn': `arn:${partition}:budgets::${account}:*` },
      StringEquals: { 'aws:SourceAccount': account },
    },
  });
}
