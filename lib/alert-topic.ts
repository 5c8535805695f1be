import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlertTopicProps {
  /** Who gets the alerts by e-mail. SNS asks each of them to confirm first. */
  readonly emails: readonly string[];
}

/** Where alerts are published, over TLS only. Whoever wants them subscribes: people, queues, chat, a ticket system. */
export class AlertTopic extends Construct {
  readonly topicArn: string;
  readonly #topic: Topic;

  constructor(scope: Construct, id: string, { emails }: AlertTopicProps) {
    super(scope, id);
    // The display name is what an e-mail says it comes from.
    this.#topic = new Topic(this, 'Topic', { displayName: 'flow-sentinel', enforceSSL: true });
    for (const email of emails) this.#topic.addSubscription(new EmailSubscription(email));
    this.topicArn = this.#topic.topicArn;
  }

  /** The sums of a metric of the topic. */
  metric(metricName: string): Metric {
    return this.#topic.metric(metricName, { statistic: 'Sum' });
  }

  grantPublish(grantee: IGrantable): Grant {
    return this.#topic.grantPublish(grantee);
  }
}
