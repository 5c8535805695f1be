import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { LakeBucket } from './lake-bucket.ts';

export interface FailedRecordsQueueProps {
  readonly lake: LakeBucket;
}

/** SQS's maximum (SQS Developer Guide, "Message quotas"). */
const retention = Duration.days(14);

/**
 * The queue with a message for each object of failed records that Firehose wrote. A message stays until `redrive` has
 * handled the object (docs/decisions/0023). S3 sends each event to EventBridge at least once, and EventBridge retries a
 * delivery for a day (EventBridge Events Reference, "Amazon S3 events"; User Guide, "Retrying event delivery").
 */
export class FailedRecordsQueue extends Construct {
  readonly queue: IQueue;

  constructor(scope: Construct, id: string, { lake }: FailedRecordsQueueProps) {
    super(scope, id);
    const queue = new Queue(this, 'Queue', {
      // A key of SQS also with a customer-managed key: EventBridge could use that key only by a statement without conditions.
      // A message names an object and holds no flow.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retention,
    });
    const rule = new Rule(this, 'Rule', {
      description: 'Objects of failed records in the flow lake',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [lake.bucket.bucketName] },
          // The kinds of Firehose end in -failed; the folders that redrive writes do not (cli/redrive/redrive-object.ts).
          object: { key: Match.wildcard(`${lake.errorsRoot}*-failed/*`) },
        },
      },
    });
    // Without the identity and the address of the writer.
    const input = RuleTargetInput.fromEventPath('$.detail.object');
    rule.addTarget({ bind: () => ({ arn: queue.queueArn, input }) });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    this.queue = queue;
  }

  /** Returns a metric of the queue by its name in SQS. */
  metric(metricName: string): Metric {
    return this.queue.metric(metricName);
  }
}
