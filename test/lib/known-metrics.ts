import { emittedByContext, emittedByFlush, emittedMetrics } from '../support/emitted-metrics.ts';

/** Returns a key of namespace, name and dimension names of a metric. */
export function metricKey(namespace: string, name: string, dimensions: readonly string[]): string {
  return [namespace, name, ...dimensions.toSorted()].join(' ');
}

/** The AWS metrics in use, as each service's guide documents them ("Monitoring with CloudWatch"). */
const ofAws = {
  'AWS/Firehose DeliveryStreamName': [
    'DeliveryToS3.Bytes',
    'DeliveryToS3.DataFreshness',
    'DeliveryToS3.Records',
    'FailedConversion.Records',
    'IncomingBytes',
    'IncomingRecords',
    'ThrottledRecords',
  ],
  'AWS/Lambda FunctionName': ['Duration', 'Errors', 'Invocations', 'Throttles'],
  'AWS/DynamoDB TableName': [
    'ConditionalCheckFailedRequests',
    'ConsumedReadCapacityUnits',
    'ConsumedWriteCapacityUnits',
    'ReadThrottleEvents',
    'WriteThrottleEvents',
  ],
  'AWS/DynamoDB TableName Operation': ['SystemErrors'],
  'AWS/SQS QueueName': ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible', 'NumberOfMessagesSent'],
  'AWS/SNS TopicName': ['NumberOfMessagesPublished', 'NumberOfNotificationsDelivered', 'NumberOfNotificationsFailed'],
  'AWS/S3 BucketName StorageType': ['BucketSizeBytes'],
};

/** Returns all metrics that exist: those that AWS documents, and those that the functions print. */
export function knownMetrics(stackName: string): Set<string> {
  const documented = Object.entries(ofAws).flatMap(([kind, names]) => {
    const [namespace = '', ...dimensions] = kind.split(' ');
    return names.map((name) => metricKey(namespace, name, dimensions));
  });
  const emitted = [...emittedMetrics(stackName), ...emittedByFlush(stackName), ...emittedByContext(stackName)];
  const printed = emitted.map(({ namespace, name, dimensions }) => metricKey(namespace, name, Object.keys(dimensions)));
  return new Set([...documented, ...printed]);
}
