import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { OwnKey } from '../security/customer-managed-key.ts';
import { type MailTopicProps, mailTopic } from './email-topic.ts';

/** Where alerts are published, over TLS only. Whoever wants them subscribes: people, queues, chat, a ticket system. */
export class AlertTopic extends Construct {
  readonly topicArn: string;
  readonly #topic: Topic;
  readonly #ownKey: OwnKey | undefined;

  constructor(scope: Construct, id: string, props: MailTopicProps) {
    super(scope, id);
    const { ownKey } = props;
    this.#ownKey = ownKey;
    this.#topic = mailTopic(this, 'flow-sentinel', props);
    // Of the account's own principals all may use the key that AWS manages for SNS through SNS; services, such as alarms,
    // may not.
    if (!ownKey) (this.#topic.node.defaultChild as CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
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
