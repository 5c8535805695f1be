import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { type EmailTopicProps, emailTopic } from './email-topic.ts';

/** Where alerts are published, over TLS only. Whoever wants them subscribes: people, queues, chat, a ticket system. */
export class AlertTopic extends Construct {
  readonly topicArn: string;
  readonly #topic: Topic;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    const { encryptionKey } = props;
    this.#encryptionKey = encryptionKey;
    this.#topic = emailTopic(this, 'flow-sentinel', props);
    // Of the account's own principals all may use the key that AWS manages for SNS through SNS; services, such as alarms,
    // may not.
    if (!encryptionKey) (this.#topic.node.defaultChild as CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
    this.topicArn = this.#topic.topicArn;
  }

  /** The sums of a metric of the topic. */
  metric(metricName: string): Metric {
    return this.#topic.metric(metricName, { statistic: 'Sum' });
  }

  grantPublish(grantee: IGrantable): Grant {
    const onTopic = Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [this.topicArn] });
    return this.#encryptionKey ? onTopic.combine(this.#encryptionKey.grant(grantee, 'publish')) : onTopic;
  }
}
