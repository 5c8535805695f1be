import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { type CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { OwnKey } from './own-key.ts';
import { retainWithPolicy } from './retain-with-policy.ts';

export interface AlertTopicProps {
  /** Who gets the alerts by e-mail. SNS asks each of them to confirm first. */
  readonly emails: readonly string[];
  /** What encrypts messages while SNS has them, in place of the key that AWS manages for SNS in the account. */
  readonly ownKey?: OwnKey | undefined;
  /** Whether it stays when the stack goes. */
  readonly protect?: boolean;
}

/** Where alerts are published, over TLS only. Whoever wants them subscribes: people, queues, chat, a ticket system. */
export class AlertTopic extends Construct {
  readonly topicArn: string;
  readonly #topic: Topic;
  readonly #ownKey: OwnKey | undefined;

  constructor(scope: Construct, id: string, { emails, ownKey, protect = true }: AlertTopicProps) {
    super(scope, id);
    this.#ownKey = ownKey;
    // The display name is what an e-mail says it comes from.
    this.#topic = new Topic(this, 'Topic', { displayName: 'flow-sentinel', enforceSSL: true });
    for (const email of emails) this.#topic.addSubscription(new EmailSubscription(email));
    // Of the account's own principals all may use SNS's key through SNS; services, such as alarms, may not.
    const resource = this.#topic.node.defaultChild as CfnTopic;
    resource.kmsMasterKeyId = ownKey ? ownKey.key.keyArn : 'alias/aws/sns';
    if (protect) retainWithPolicy(this.#topic);
    this.topicArn = this.#topic.topicArn;
  }

  /** The sums of a metric of the topic. */
  metric(metricName: string): Metric {
    return this.#topic.metric(metricName, { statistic: 'Sum' });
  }

  grantPublish(grantee: IGrantable): Grant {
    const onTopic = Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [this.topicArn] });
    return this.#ownKey ? onTopic.combine(this.#ownKey.grant(grantee, 'publish')) : onTopic;
  }
}
