import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { plural } from '../common/text.ts';
import type { ContextItem, ContextTable } from '../context/context-table.ts';
import type { CommandSender } from './command-sender.ts';
import { backoffMilliseconds } from './patient-retry-strategy.ts';

/** Sends a command of DynamoDB: a client, or the sender of the functions that alert. */
export type SendsCommands = Pick<CommandSender, 'send'>;

/** The most items of a BatchWriteItem (DynamoDB API Reference, "BatchWriteItem"). */
const maxOfBatch = 25;

/** How often items are sent that the table left unprocessed before. */
const maxAttempts = 5;

/** Stores context events and sent alerts in a DynamoDB table with a sort key. */
export class DynamoContextTable implements ContextTable {
  readonly #tableName: string;
  readonly #sender: SendsCommands;

  constructor(tableName: string, sender: SendsCommands) {
    this.#tableName = tableName;
    this.#sender = sender;
  }

  async put(items: readonly ContextItem[], signal: AbortSignal): Promise<void> {
    // A batch may have each key once.
    const last = [...new Map(items.map((item) => [JSON.stringify([item.pk, item.sk]), item])).values()];
    for (let first = 0; first < last.length; first += maxOfBatch) {
      await this.#putBatch(last.slice(first, first + maxOfBatch), signal);
    }
  }

  async #putBatch(items: readonly ContextItem[], signal: AbortSignal): Promise<void> {
    let requests: unknown[] = items.map((item) => ({ PutRequest: { Item: attributesOf(item) } }));
    for (let attempt = 1; requests.length > 0; attempt += 1) {
      const input = { RequestItems: { [this.#tableName]: requests as never } };
      const { UnprocessedItems } = await this.#sender.send(BatchWriteItemCommand, input, signal);
      requests = UnprocessedItems?.[this.#tableName] ?? [];
      if (requests.length === 0) return;
      if (attempt === maxAttempts) throw new Error(`the table left ${plural(requests.length, 'item')} unprocessed`);
      await setTimeout(backoffMilliseconds(attempt), undefined, { signal });
    }
  }

  async putIf(item: ContextItem, version: number | undefined, signal: AbortSignal): Promise<boolean> {
    const input = {
      TableName: this.#tableName,
      Item: attributesOf(item),
      ...(version === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': { N: String(version) } },
          }),
    };
    try {
      await this.#sender.send(PutItemCommand, input, signal);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async get(pk: string, sk: string, signal: AbortSignal): Promise<ContextItem | undefined> {
    const input = { TableName: this.#tableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true };
    const { Item } = await this.#sender.send(GetItemCommand, input, signal);
    return Item && readItem(Item);
  }

  async query(
    pk: string,
    from: string,
    to: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly ContextItem[]> {
    // DynamoDB refuses such a range.
    if (from > to) return [];
    const items: ContextItem[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const input: QueryCommandInput = {
        TableName: this.#tableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
        ScanIndexForward: false,
        Limit: limit - items.length,
        ...(start && { ExclusiveStartKey: start }),
      };
      const { Items = [], LastEvaluatedKey } = await this.#sender.send(QueryCommand, input, signal);
      items.push(...Items.flatMap((item) => readItem(item) ?? []));
      start = LastEvaluatedKey;
    } while (start && items.length < limit);
    return items;
  }
}

/** Returns what sends commands by a client as it is, without the shorter ways of CommandSender. */
export function senderOf(client: DynamoDBClient): SendsCommands {
  return {
    send: (kind, input, signal) => client.send(new kind(input) as never, { abortSignal: signal }) as never,
  };
}

/** Returns the attributes of an item. A query sorts `sk` by its bytes. */
function attributesOf({ pk, sk, json, expiresAt, version }: ContextItem) {
  return {
    pk: { S: pk },
    sk: { S: sk },
    json: { S: json },
    expiresAt: { N: String(expiresAt) },
    ...(version !== undefined && { version: { N: String(version) } }),
  };
}

/** Reads an item; undefined if somebody else wrote another form. */
function readItem({ pk, sk, json, expiresAt, version }: Record<string, AttributeValue>): ContextItem | undefined {
  if (pk?.S === undefined || sk?.S === undefined || json?.S === undefined) return undefined;
  const stored = { pk: pk.S, sk: sk.S, json: json.S, expiresAt: Number(expiresAt?.N) };
  return { ...stored, ...(version?.N !== undefined && { version: Number(version.N) }) };
}
