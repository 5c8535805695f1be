import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { Environment } from './adapters.ts';
import { ContextTelemetry, type MessageResult } from './aws/context-telemetry.ts';
import { deadlineSignals } from './aws/deadline.ts';
import { DynamoContextTable, senderOf } from './aws/dynamo-context-table.ts';
import { ec2Places } from './aws/ec2-places.ts';
import { messageOf } from './common/errors.ts';
import { memberOf, textOf } from './common/json-value.ts';
import { readContextConfig } from './config.ts';
import { type ContextEvent, timeOfEvent } from './context/context-event.ts';
import { type ReadEvent, readContextEvent } from './context/read-event.ts';
import { type DescribePlaces, hasPlaces, resolvePlaces } from './context/resolve-places.ts';
import { storeEvent } from './context/store-event.ts';

/** The function that stores context events; a queue invokes it with batches. Messages that failed come again. */
export type ContextHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number; readonly invokedFunctionArn: string },
) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;

/** The clients of the function. The SDK of EC2 and SQS comes with Lambda's runtime. */
export interface ContextClients {
  readonly dynamoDb: DynamoDBClient;
  readonly ec2: EC2Client;
  readonly sqs: SQSClient;
}

/** What is done after an event is stored. */
export interface FollowUps {
  /**
   * @param now epoch seconds
   * @returns after how many seconds the event is to be looked at again; undefined if it is done
   */
  after(stored: StoredEvent, now: number, signal: AbortSignal): Promise<{ readonly lookAgainSeconds?: number }>;
}

/** An event that is stored. */
export interface StoredEvent {
  readonly event: ContextEvent;
  /** The finding or the API call as AWS writes it. */
  readonly raw: unknown;
  /** When the event was sent to the queue, in epoch seconds: the same in each attempt of a look. */
  readonly arrival: number;
  /** When the event was looked at first, in epoch seconds. */
  readonly firstLook: number;
  /** False if the event is looked at again. */
  readonly isFirst: boolean;
}

/** The messages of a batch that are handled at once. */
const concurrency = 5;

/** The time for all calls of EC2 about an event, in milliseconds. */
const maxMilliseconds = 3000;

/** The longest delay of a message in seconds (SQS API Reference, "SendMessage"). */
const maxDelaySeconds = 900;

/** The most looks at an event: a day with the longest delays. */
const maxLooks = 96;

/** The largest event that is stored, as JSON in characters: an item of DynamoDB has at most 400 KB. */
const maxEventLength = 100_000;

/** The attribute of a message that counts the looks at its event. */
const looksAttribute = 'looks';

/** The attribute of a message that says when its event was looked at first, in epoch seconds. */
const firstLookAttribute = 'firstLook';

/**
 * Creates the function: reads the configuration once per process. The function reads each message as
 * an EventBridge event, completes what a change concerns, and stores it. A message that no attempt would read is logged,
 * counted and given up. One whose storing fails goes back to the queue alone.
 *
 * @param environment see readContextConfig
 * @param followUps what is done after an event is stored (default: nothing)
 * @param clock epoch seconds
 * @param places what says what changes concern (default: EC2)
 * @throws FlowError `CONFIG_INVALID` if the environment is invalid
 */
export function createContextHandler(
  environment: Environment,
  clients: ContextClients,
  followUps: FollowUps = { after: async () => ({}) },
  clock: () => number = () => Math.floor(Date.now() / 1000),
  places: (signal: AbortSignal, report: (error: unknown) => void) => DescribePlaces = (signal, report) =>
    ec2Places(clients.ec2, signal, report),
): ContextHandler {
  const { tableName, queueUrl, stackName, retentionSeconds } = readContextConfig(environment);
  const table = new DynamoContextTable(tableName, senderOf(clients.dynamoDb));
  const telemetry = new ContextTelemetry(stackName);

  /** Adds what a change of this account and Region concerns. EC2 of this account knows no other. */
  const completed = async (event: ContextEvent, functionArn: string, signal: AbortSignal): Promise<ContextEvent> => {
    const [, , , region, account] = functionArn.split(':');
    if (event.kind !== 'change' || !hasPlaces(event)) return event;
    if (event.account !== account || event.region !== region) return event;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(maxMilliseconds)]);
    return resolvePlaces(
      event,
      places(soon, (error) => telemetry.unresolved(error)),
    );
  };

  const handle = async (message: Message, functionArn: string, signal: AbortSignal): Promise<MessageResult> => {
    const { id, body, looks, sent } = message;
    const read = readBody(body);
    if ('ignored' in read) return { kind: 'ignored', reason: read.ignored };
    if ('problem' in read) {
      telemetry.unreadable(id, read.problem);
      return { kind: 'unreadable' };
    }
    const now = clock();
    const event = await completed(read.event, functionArn, signal);
    const stored = await storeEvent(event, table, now + retentionSeconds, signal);
    const firstLook = message.firstLook ?? now;
    const of = { event: stored, raw: read.raw, arrival: sent ?? now, firstLook, isFirst: looks === 0 };
    const { lookAgainSeconds } = await followUps.after(of, now, signal);
    if (lookAgainSeconds !== undefined && looks < maxLooks) {
      const again = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        DelaySeconds: Math.min(maxDelaySeconds, Math.max(1, Math.ceil(lookAgainSeconds))),
        MessageAttributes: {
          [looksAttribute]: { DataType: 'Number', StringValue: String(looks + 1) },
          [firstLookAttribute]: { DataType: 'Number', StringValue: String(firstLook) },
        },
      });
      await clients.sqs.send(again, { abortSignal: signal });
    }
    return looks > 0 ? { kind: 'again' } : { kind: 'stored', ageSeconds: now - timeOfEvent(stored) };
  };

  return async (event, context) => {
    const { deadline } = deadlineSignals(context.getRemainingTimeInMillis());
    const messages = messagesOf(event);
    const results = await pMap(
      messages,
      async (message): Promise<MessageResult> => {
        try {
          deadline.throwIfAborted();
          return await handle(message, context.invokedFunctionArn, deadline);
        } catch (error) {
          telemetry.failed(message.id, error);
          return { kind: 'failed' };
        }
      },
      { concurrency },
    );
    telemetry.handled(results);
    const failed = messages.filter((_, index) => results[index]!.kind === 'failed');
    return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
  };
}

/** A message of the queue. */
interface Message {
  readonly id: string;
  readonly body: string;
  /** How often its event was looked at before. */
  readonly looks: number;
  /** When it was sent to the queue, in epoch seconds; undefined if the message does not say it. */
  readonly sent: number | undefined;
  /** When its event was looked at first, in epoch seconds; undefined at the first look. */
  readonly firstLook: number | undefined;
}

/** Reads the messages of Lambda's event (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
function messagesOf(event: unknown): Message[] {
  const records = memberOf(event, 'Records');
  return (Array.isArray(records) ? records : []).flatMap((record: unknown) => {
    const [id, body] = [textOf(record, 'messageId'), memberOf(record, 'body')];
    const attributeOf = (name: string) => textOf(memberOf(memberOf(record, 'messageAttributes'), name), 'stringValue');
    const looks = Number(attributeOf(looksAttribute) ?? 0);
    if (id === undefined) return [];
    const timestamp = Number(textOf(memberOf(record, 'attributes'), 'SentTimestamp'));
    const sent = Math.floor(timestamp / 1000);
    const firstLook = Number(attributeOf(firstLookAttribute) ?? Number.NaN);
    return [
      {
        ...{ id, body: typeof body === 'string' ? body : '', sent: Number.isSafeInteger(sent) ? sent : undefined },
        looks: Number.isSafeInteger(looks) ? looks : maxLooks,
        firstLook: Number.isSafeInteger(firstLook) ? firstLook : undefined,
      },
    ];
  });
}

/** What a message reads as. */
type ReadBody = Exclude<ReadEvent, { event: ContextEvent }> | { readonly event: ContextEvent; readonly raw: unknown };

/** Reads an event, at most as large as an item may be. */
function readBody(body: string): ReadBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { problem: `it is not JSON: ${messageOf(error)}` };
  }
  const read = readContextEvent(value);
  if (!('event' in read)) return read;
  const { length } = JSON.stringify(read.event);
  return length <= maxEventLength
    ? { ...read, raw: memberOf(value, 'detail') ?? value }
    : { problem: `it is too large: got ${length} characters, expected at most ${maxEventLength}` };
}
