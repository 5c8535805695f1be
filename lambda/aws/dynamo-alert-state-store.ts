import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AlertStateStore } from '../alert/alert-state-store.ts';
import type { Item } from '../count/counter-item.ts';
import { ExpressionBuilder } from '../count/expression-builder.ts';
import type { Batch } from '../counters/batch.ts';
import type { ReEvaluation } from '../evaluate/finding.ts';
import { wasReadThisMinute } from '../evaluate/re-evaluate.ts';
import { storeError } from './store-error.ts';

const observedKey = 'alert-state#observed-since';
/** The key of the item that holds the re-evaluation queue. */
export const reEvaluationsKey = 'alert-state#re-evaluations';
const messagesKey = (minute: number) => `alert-state#messages#${minute}`;

/** Limits of the queue: an item may have 400 KB (DynamoDB Developer Guide, "Quotas"). */
const maxReEvaluations = 900;
const maxReEvaluationBytes = 400;
const scheduledAtOnce = 100;

/** How long the message count of a minute is stored, in seconds. */
const messagesSeconds = 3600;

/** Stores the alert state that all invocations share, as items of the counter table. */
export class DynamoAlertStateStore implements AlertStateStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  #observedSince: number | undefined;
  #lastRead: Batch | undefined;

  constructor(client: DynamoDBClient, { tableName }: { readonly tableName: string }) {
    this.#client = client;
    this.#tableName = tableName;
  }

  async observedSince(arrival: number, signal: AbortSignal): Promise<number> {
    if (this.#observedSince !== undefined && this.#observedSince <= arrival) return this.#observedSince;
    const expression = new ExpressionBuilder();
    const [since, now] = [expression.name('since'), expression.value({ N: String(arrival) })];
    expression.set(`${since} = ${now}`);
    expression.require(`(attribute_not_exists(${since}) OR ${since} > ${now})`);
    const isFirst = (await this.#update(observedKey, expression, signal)) !== undefined;
    const item = isFirst ? undefined : await this.#read(observedKey, signal);
    this.#observedSince = numberOf(item?.since) ?? arrival;
    return this.#observedSince;
  }

  async reserveMessages(minute: number, wanted: number, maxMessages: number, signal: AbortSignal): Promise<number> {
    const expression = new ExpressionBuilder();
    const { name, value } = expression;
    expression.add(`${name('messages')} ${value({ N: String(wanted) })}`);
    expression.set(`${name('expiresAt')} = ${value({ N: String(minute * 60 + messagesSeconds) })}`);
    const item = await this.#update(messagesKey(minute), expression, signal);
    const reserved = (numberOf(item?.messages) ?? wanted) - wanted;
    return Math.max(0, Math.min(wanted, maxMessages - reserved));
  }

  async dueReEvaluations(batch: Batch, signal: AbortSignal): Promise<ReEvaluation[]> {
    if (wasReadThisMinute(batch, this.#lastRead)) return [];
    const item = await this.#read(reEvaluationsKey, signal);
    this.#lastRead = batch;
    return (item?.keys && 'SS' in item.keys ? item.keys.SS : []).map(readReEvaluation);
  }

  async schedule(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void> {
    const texts = reEvaluations
      .map(writeReEvaluation)
      .filter((text) => Buffer.byteLength(text) <= maxReEvaluationBytes);
    for (let at = 0; at < texts.length && at < maxReEvaluations; at += scheduledAtOnce) {
      const chosen = texts.slice(at, at + scheduledAtOnce);
      const expression = new ExpressionBuilder();
      const { name, value } = expression;
      const keys = name('keys');
      expression.add(`${keys} ${value({ SS: chosen })}`);
      const freeEntries = value({ N: String(maxReEvaluations - chosen.length) });
      expression.require(`(attribute_not_exists(${keys}) OR size(${keys}) <= ${freeEntries})`);
      await this.#update(reEvaluationsKey, expression, signal);
    }
  }

  async cancel(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void> {
    const expression = new ExpressionBuilder();
    expression.delete(`${expression.name('keys')} ${expression.value({ SS: reEvaluations.map(writeReEvaluation) })}`);
    await this.#update(reEvaluationsKey, expression, signal);
  }

  async #read(pk: string, signal: AbortSignal): Promise<Item | undefined> {
    const get = new GetItemCommand({ TableName: this.#tableName, Key: { pk: { S: pk } }, ConsistentRead: true });
    try {
      const { Item: item } = await this.#client.send(get, { abortSignal: signal });
      return item as Item | undefined;
    } catch (error) {
      throw await storeError(error, signal, this.#client);
    }
  }

  /** Sends an update; returns undefined if its condition failed. */
  async #update(pk: string, expression: ExpressionBuilder, signal: AbortSignal): Promise<Item | undefined> {
    const parameters = expression.parameters();
    const update = { TableName: this.#tableName, Key: { pk: { S: pk } }, ...parameters, ReturnValues: 'ALL_NEW' };
    try {
      const { Attributes } = await this.#client.send(new UpdateItemCommand(update as never), { abortSignal: signal });
      return Attributes as Item | undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw await storeError(error, signal, this.#client);
    }
  }
}

function numberOf(attribute: Item[string] | undefined): number | undefined {
  return attribute && 'N' in attribute ? Number(attribute.N) : undefined;
}

function writeReEvaluation({ rule, key, token }: ReEvaluation): string {
  return JSON.stringify([rule, key.pk, [...key.fields], token]);
}

function readReEvaluation(text: string): ReEvaluation {
  const [rule, pk, fields, token] = JSON.parse(text) as [string, string, [string, string][], string];
  return { rule, key: { pk, fields: new Map(fields) }, token };
}
