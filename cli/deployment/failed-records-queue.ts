import type { SQSClient } from '@aws-sdk/client-sqs';

/** The output with the URL of the queue of failed records (lib/lake/failed-records-queue.ts). */
export const queueOutput = 'FailedRecordsQueueUrl';

/** The note about a stack of an earlier version, which has no such queue. */
export const noQueueText = `the stack has no output ${queueOutput}: deploy it again with this version`;

/** Returns the approximate number of messages in a queue, received ones included. Rejects with the error of SQS. */
export async function countMessages(sqs: SQSClient, url: string): Promise<number> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const get = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
  const { Attributes = {} } = await sqs.send(get);
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}
