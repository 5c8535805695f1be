import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { countMessages, noQueueText } from '../deployment/failed-records-queue.ts';
import type { Lake } from './lake.ts';

/** The numbers of messages in the queue of failed records (lib/lake/failed-records-queue.ts) after a run. */
export interface Signals {
  readonly cleared: number;
  readonly left: number;
  /** Why the command did not handle all messages. */
  readonly problem?: string;
}

/** The queue of a stack, and the lake that its messages are about. */
export interface SignalQueue {
  readonly sqs: SQSClient;
  /** Undefined for a stack of an earlier version. */
  readonly url: string | undefined;
  readonly lake: Lake;
}

/** The maximum number of messages in a run; further messages stay for the next run. */
const maxMessages = 10_000;
/** SQS's maximum for one request, and the number of requests in flight. */
const messagesAtOnce = 10;
/** The time for which no other run receives a message that this run has received. */
const hiddenSeconds = 300;

/** Returns the approximate number of signals, without receiving them. Never rejects. */
export async function countSignals({ sqs, url }: SignalQueue): Promise<Signals> {
  if (url === undefined) return { cleared: 0, left: 0, problem: noQueueText };
  try {
    return { cleared: 0, left: await countMessages(sqs, url) };
  } catch (error) {
    return { cleared: 0, left: 0, problem: messageOf(error) };
  }
}

/**
 * Deletes each message whose object is gone from the lake: it was reprocessed, moved or expired. Any other message stays.
 * Asks for the object after it received the message, so that no new object loses its signal. Never rejects.
 */
export async function clearSignals({ sqs, url, lake }: SignalQueue): Promise<Signals> {
  if (url === undefined) return { cleared: 0, left: 0, problem: noQueueText };
  const left = new Set<string>();
  let cleared = 0;
  const clear = async ({ Body, ReceiptHandle }: Message) => {
    const key = keyOf(Body);
    if (key === undefined || (await lake.exists(key))) return;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    left.delete(ReceiptHandle!);
    cleared += 1;
  };
  let problem: string | undefined;
  try {
    for (let received = 0; ; ) {
      if (received >= maxMessages) throw new Error(`a run reads ${formatInteger(maxMessages)} messages: run it again`);
      const messages = await receive(sqs, url);
      if (messages.length === 0) break;
      received += messages.length;
      for (const { ReceiptHandle } of messages) left.add(ReceiptHandle!);
      const results = await Promise.allSettled(messages.map(clear));
      const failed = results.find(({ status }) => status === 'rejected');
      if (failed) throw (failed as PromiseRejectedResult).reason;
    }
  } catch (error) {
    problem = messageOf(error);
  }
  const show = (ReceiptHandle: string) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
  // SQS shows a message again after `hiddenSeconds` if this fails.
  await pMap(left, (handle) => show(handle).catch(() => {}), { concurrency: messagesAtOnce });
  return { cleared, left: left.size, ...(problem !== undefined && { problem }) };
}

/** Receives some messages; none only if the queue has none: a request that waits asks all servers of the queue. */
async function receive(sqs: SQSClient, url: string): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: messagesAtOnce,
    WaitTimeSeconds: 1,
    VisibilityTimeout: hiddenSeconds,
  });
  return (await sqs.send(command)).Messages ?? [];
}

/** Returns the key of the object that a message names: the `detail.object` of the event of S3. */
function keyOf(body: string | undefined): string | undefined {
  try {
    const { key } = JSON.parse(body ?? '') as { key?: unknown };
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the line about the signals. */
export function signalsText({ cleared, left, problem }: Signals): string {
  const counts = `signals cleared: ${formatInteger(cleared)}, left: ${formatInteger(left)}`;
  return `${counts}${problem === undefined ? '' : `; not all were handled: ${printable(problem)}`}\n`;
}
