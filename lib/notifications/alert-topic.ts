import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnTopic, ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CustomerManagedKey } from '../security/customer-managed-key.ts';
import { type EmailTopicProps, emailTopic } from './email-topic.ts';

/** The topic of alerts about the network, over TLS only. People, queues, chat or a ticket system can subscribe. */
export class AlertTopic extends Construct {
  readonly topic: ITopic;
  readonly #encryptionKey: CustomerManagedKey | undefined;

  constructor(scope: Construct, id: string, props: EmailTopicProps) {
    super(scope, id);
    const { encryptionKey } = props;
    this.#encryptionKey = encryptionKey;
    this.topic = emailTopic(this, 'flow-sentinel', props);
    // Every principal of the account may use the AWS-managed key of SNS; services such as alarms may not.
    if (!encryptionKey) (this.topic.node.defaultChild as CfnTopic).kmsMasterKeyId = 'alias/aws/sns';
  }

  /** Returns a metric of the topic as sums. */
  metric(metricName: string): Metric {
    return this.topic.metric(metricName, { statistic: 'Sum' });
  }

  /** Grants publishing, with the use of the topic's key. */
  grantPublish(grantee: IGrantable): Grant {
    const onTopic = Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [this.topic.topicArn] });
    return this.#encryptionKey ? onTopic.combine(this.#encryptionKey.grant(grantee, 'publish')) : onTopic;
  }
}
