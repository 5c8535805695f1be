import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { OwnKey } from './own-key.ts';
import { retainWithPolicy } from './retain-with-policy.ts';

export interface OperationsTopicProps {
  /** Who is told by e-mail that flow-sentinel itself is not well. SNS asks each of them to confirm first. */
  readonly emails: readonly string[];
  /** What encrypts messages while SNS has them. Without it nothing does: alarms may not use the key that AWS manages. */
  readonly ownKey?: OwnKey | undefined;
  /** Whether it stays when the stack goes. */
  readonly protect?: boolean;
}

/** Where the alarms about flow-sentinel itself go, over TLS only, apart from the alerts about the network. */
export class OperationsTopic extends Construct {
  readonly action: IAlarmAction;

  constructor(scope: Construct, id: string, { emails, ownKey, protect = true }: OperationsTopicProps) {
    super(scope, id);
    const topic = new Topic(this, 'Topic', {
      displayName: 'flow-sentinel operations',
      enforceSSL: true,
      ...(ownKey && { masterKey: ownKey.key }),
    });
    for (const email of emails) topic.addSubscription(new EmailSubscription(email));
    topic.addToResourcePolicy(alarmsMayPublish(topic.topicArn, Stack.of(this)));
    if (protect) retainWithPolicy(topic);
    this.action = { bind: () => ({ alarmActionArn: topic.topicArn }) };
  }
}

/**
 * A topic with a policy of its own no longer has the one that lets the whole account publish, alarms among it. Only this
 * stack's alarms are let in: by name, and so by no other service on somebody else's behalf (SNS Developer Guide,
 * "Example cases for Amazon SNS access control").
 */
function alarmsMayPublish(topicArn: string, stack: Stack): PolicyStatement {
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
