import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type AlertStateStore, placesOfRule, queueCapacity } from '../alert/alert-state-store.ts';
import { byLevel, grantMessages, type MessagesByLevel } from '../alert/message-allowance.ts';
import { daySeconds } from '../common/calendar.ts';
import { chunked } from '../common/chunked.ts';
import { FlowError } from '../common/errors.ts';
import { type Item, numberOf } from '../count/counter-item.ts';
import { ExpressionBuilder } from '../count/expression-builder.ts';
import type { Batch } from '../counters/batch.ts';
import { scopeOfKey } from '../counters/counter-key.ts';
import type { ReEvaluation, ReEvaluationQueue } from '../evaluate/finding.ts';
import { wasReadThisMinute } from '../evaluate/re-evaluate.ts';
import type { Scope } from '../flow-log/scope.ts';
import { levels } from '../rules/level.ts';
import { optionalSignal } from './optional-signal.ts';
import { sendUpdate } from './send-update.ts';
import { storeError } from './store-error.ts';

const observedKey = 'alert-state#observed-since';
const queuePrefix = 'alert-state#re-evaluations#';
const queueKey = (queue: ReEvaluationQueue) => `${queuePrefix}${queue}`;
const queues: readonly ReEvaluationQueue[] = [...levels, 'resolution'];
const messagesKey = (minute: number) => `alert-state#messages#${minute}`;

/** The attribute with the entries of any rule. The entries in a rule's own places have a further name after it. */
const shared = 'keys';
const ownPlaces = (rule: string) => `${shared}#${rule}`;

/** The longest entry of a queue, in bytes: an item may have 400 KB (DynamoDB Developer Guide, "Quotas"). */
const maxEntryBytes = 400;
const scheduledAtOnce = 100;

/** How long the message counts of a minute are stored, in seconds. */
const messagesSeconds = 3600;

/** Stores the alert state that all invocations share, as items of the counter table. */
export class DynamoAlertStateStore implements AlertStateStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #observedKey: string;
  readonly #retentionSeconds: number;
  #observedSince: number | undefined;
  /** When rules began to learn, and when the item was updated, by their names. */
  readonly #learning = new Map<string, { readonly since: number; readonly updated: number }>();
  #lastRead: Batch | undefined;
  /** The entries of full attributes, by the key of the queue and the attribute. */
  readonly #full = new Map<string, Map<string, Set<string>>>();

  /** @param scope the scope of the counters: another one makes all keys new, so that rules must learn again */
  constructor(
    client: DynamoDBClient,
    {
      tableName,
      retentionSeconds,
      scope,
    }: { readonly tableName: string; readonly retentionSeconds: number; readonly scope?: Scope | undefined },
  ) {
    this.#retentionSeconds = retentionSeconds;
    this.#client = client;
    this.#tableName = tableName;
    this.#observedKey = scope ? `${observedKey}#${scope}` : observedKey;
  }

  async observedSince(name: string, arrival: number, signal: AbortSignal): Promise<number> {
    if (name !== '') return await this.#learningSince(name, arrival, signal);
    if (this.#observedSince !== undefined && this.#observedSince <= arrival) return this.#observedSince;
    const expression = new ExpressionBuilder();
    const [since, now] = [expression.name('since'), expression.value({ N: String(arrival) })];
    expression.set(`${since} = ${now}`);
    expression.require(`(attribute_not_exists(${since}) OR ${since} > ${now})`);
    const isFirst = (await this.#update(this.#observedKey, expression, signal)) !== undefined;
    const item = isFirst ? undefined : await this.#read(this.#observedKey, signal);
    this.#observedSince = numberOf(item?.since) ?? arrival;
    return this.#observedSince;
  }

  /** Returns when a rule began to learn. The item is updated once a day, so that it expires with the rule's counters. */
  async #learningSince(name: string, arrival: number, signal: AbortSignal): Promise<number> {
    const known = this.#learning.get(name);
    if (known && Math.abs(arrival - known.updated) < daySeconds) return Math.min(known.since, arrival);
    const expression = new ExpressionBuilder();
    const [since, now] = [expression.name('since'), expression.value({ N: String(arrival) })];
    expression.set(`${since} = if_not_exists(${since}, ${now})`);
    const expiresAt = expression.value({ N: String(arrival + this.#retentionSeconds) });
    expression.set(`${expression.name('expiresAt')} = ${expiresAt}`);
    const item = await this.#update(`${this.#observedKey}#of=${name}`, expression, signal);
    const stored = numberOf(item?.since) ?? arrival;
    this.#learning.set(name, { since: stored, updated: arrival });
    return Math.min(stored, arrival);
  }

  async reserveMessages(
    minute: number,
    wanted: MessagesByLevel,
    perMinute: number,
    signal: AbortSignal,
  ): Promise<MessagesByLevel> {
    const expression = new ExpressionBuilder();
    const { name, value } = expression;
    for (const level of levels) expression.add(`${name(level)} ${value({ N: String(wanted[level]) })}`);
    expression.set(`${name('expiresAt')} = ${value({ N: String(minute * 60 + messagesSeconds) })}`);
    const item = await this.#update(messagesKey(minute), expression, signal);
    const earlier = byLevel((level) => (numberOf(item?.[level]) ?? wanted[level]) - wanted[level]);
    return grantMessages(wanted, earlier, perMinute);
  }

  async dueReEvaluations(batch: Batch, signal: AbortSignal): Promise<ReEvaluation[]> {
    if (wasReadThisMinute(batch, this.#lastRead)) return [];
    const items = await this.#readQueues(signal);
    this.#lastRead = batch;
    this.#full.clear();
    return items.flatMap(entriesOf);
  }

  async schedule(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<ReEvaluation[]> {
    const unlisted: ReEvaluation[] = [];
    for (const [queue, entries] of Map.groupBy(reEvaluations, (entry) => entry.queue)) {
      const texts = new Map(entries.map((entry) => [writeReEvaluation(entry), entry]));
      const fitting = [...texts.keys()].filter((text) => Buffer.byteLength(text) <= maxEntryBytes);
      const pk = queueKey(queue);
      const listed = await this.#scheduleIn(pk, shared, queueCapacity, fitting, signal);
      const others = fitting.filter((text) => !listed.has(text));
      for (const [rule, ofRule] of Map.groupBy(others, (text) => texts.get(text)!.rule)) {
        const own = await this.#scheduleIn(pk, ownPlaces(rule), placesOfRule, ofRule, signal);
        for (const text of own) listed.add(text);
      }
      for (const [text, entry] of texts) if (!listed.has(text)) unlisted.push(entry);
    }
    return unlisted;
  }

  async cancel(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void> {
    for (const [queue, entries] of Map.groupBy(reEvaluations, (entry) => entry.queue)) {
      const expression = new ExpressionBuilder();
      const remove = (attribute: string, some: readonly ReEvaluation[]) => {
        const texts = [...new Set(some.map(writeReEvaluation))];
        expression.delete(`${expression.name(attribute)} ${expression.value({ SS: texts })}`);
      };
      remove(shared, entries);
      for (const [rule, ofRule] of Map.groupBy(entries, (entry) => entry.rule)) remove(ownPlaces(rule), ofRule);
      await this.#update(queueKey(queue), expression, optionalSignal(signal));
      this.#full.delete(queueKey(queue));
    }
  }

  /**
   * Adds entries to an attribute of a queue. Returns those that are in the attribute then. An update costs write units by
   * the size of the item, so a full attribute gets none until this process reads or shortens the queue.
   */
  async #scheduleIn(
    pk: string,
    attribute: string,
    capacity: number,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Set<string>> {
    const listed = new Set<string>();
    for (const chunk of chunked(texts, Math.min(scheduledAtOnce, capacity))) {
      let stored = this.#full.get(pk)?.get(attribute);
      if (!stored && (await this.#addEntries(pk, attribute, capacity, chunk, signal))) {
        for (const text of chunk) listed.add(text);
        continue;
      }
      stored ??= new Set(textsOf(await this.#read(pk, signal), attribute));
      const entries = stored;
      const free = Math.max(0, capacity - entries.size);
      const fitting = chunk.filter((text) => !entries.has(text)).slice(0, free);
      if (fitting.length > 0 && (await this.#addEntries(pk, attribute, capacity, fitting, signal))) {
        for (const text of fitting) entries.add(text);
      }
      if (entries.size >= capacity) this.#full.set(pk, (this.#full.get(pk) ?? new Map()).set(attribute, entries));
      for (const text of chunk) if (entries.has(text)) listed.add(text);
    }
    return listed;
  }

  /** Adds entries to an attribute, unless it might not have a place for all. Returns whether they are added. */
  async #addEntries(
    pk: string,
    attribute: string,
    capacity: number,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const expression = new ExpressionBuilder();
    const { name, value } = expression;
    const keys = name(attribute);
    expression.add(`${keys} ${value({ SS: [...texts] })}`);
    const freeEntries = value({ N: String(capacity - texts.length) });
    expression.require(`(attribute_not_exists(${keys}) OR size(${keys}) <= ${freeEntries})`);
    return (await this.#update(pk, expression, signal)) !== undefined;
  }

  /** Reads the items of all queues. An item that DynamoDB leaves out is read by itself. */
  async #readQueues(signal: AbortSignal): Promise<Item[]> {
    const tableName = this.#tableName;
    const Keys = queues.map((queue) => ({ pk: { S: queueKey(queue) } }));
    const get = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true } } });
    try {
      const { Responses, UnprocessedKeys } = await this.#client.send(get, { abortSignal: signal });
      const items = (Responses?.[tableName] ?? []) as Item[];
      const leftOut = UnprocessedKeys?.[tableName]?.Keys ?? [];
      const more = await Promise.all(leftOut.map(({ pk }) => this.#read(pk!.S!, signal)));
      return [...items, ...more.filter((item) => item !== undefined)];
    } catch (error) {
      throw error instanceof FlowError ? error : await storeError(error, signal, this.#client);
    }
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

  /** Updates an item. Returns the item after the update; undefined if the condition failed. */
  #update(pk: string, expression: ExpressionBuilder, signal: AbortSignal): Promise<Item | undefined> {
    const update = { TableName: this.#tableName, Key: { pk: { S: pk } }, ...expression.parameters() };
    return sendUpdate(this.#client, { ...update, ReturnValues: 'ALL_NEW' }, signal);
  }
}

/** Returns the entries of a re-evaluation queue; none of any other item. */
export function entriesOf(item: Item): ReEvaluation[] {
  const queue = queues.find((one) => item.pk && 'S' in item.pk && item.pk.S === queueKey(one));
  if (!queue) return [];
  const attributes = Object.keys(item).filter((name) => name === shared || name.startsWith(ownPlaces('')));
  const texts = new Set(attributes.flatMap((attribute) => textsOf(item, attribute)));
  return [...texts].map((text) => readReEvaluation(queue, text));
}

function textsOf(item: Item | undefined, attribute: string): readonly string[] {
  const stored = item?.[attribute];
  return stored && 'SS' in stored ? stored.SS : [];
}

function writeReEvaluation({ rule, key, alertId }: ReEvaluation): string {
  return JSON.stringify([rule, key.pk, [...key.fields], alertId]);
}

function readReEvaluation(queue: ReEvaluationQueue, text: string): ReEvaluation {
  const [rule, pk, fields, alertId] = JSON.parse(text) as [string, string, [string, string][], string];
  const scope = scopeOfKey(pk);
  return { queue, rule, key: { pk, fields: new Map(fields), ...(scope && { scope }) }, alertId };
}
