import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Batch } from '../core/batch.ts';
import { type Claim, type Counter, partToken, refusedClaim, remembers } from '../core/counter.ts';
import { type Item, readCounter, slotAttribute, tokenAttribute } from '../core/counter-item.ts';
import {
  type CounterTable,
  claimUpdate,
  countUpdate,
  holdUpdate,
  keepUpdate,
  pruneUpdate,
  sentUpdate,
  type UpdateParameters,
} from '../core/counter-update.ts';
import type { KeyDelta } from '../core/delta-builder.ts';
import { type Stale, staleParts } from '../core/stale.ts';
import { FlowError, messageOf } from '../errors.ts';
import type { ClaimOutcome, CounterStore } from '../ports.ts';
import type { LoadedSeries } from '../sigma/load.ts';

/**
 * Each failed condition teaches one thing, of which there are four (the token, the first and the last time, full sets),
 * and each holds for good; the rest is room for sets that others fill meanwhile.
 */
const maxTries = 20;

/** Counters in a DynamoDB table. */
export class DynamoCounterStore implements CounterStore {
  readonly #client: DynamoDBClient;
  readonly #table: CounterTable;
  readonly #series: ReadonlyMap<string, LoadedSeries>;

  constructor(client: DynamoDBClient, table: CounterTable, series: ReadonlyMap<string, LoadedSeries>) {
    this.#client = client;
    this.#table = table;
    this.#series = series;
  }

  async add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const counter = await this.#count(delta, batch, signal);
    const stale = staleParts(counter, delta, batch.arrival, this.#series);
    if (stale) await this.#prune(delta.key.pk, stale, signal);
    if (counter.silences.size > 0) await this.#keepSilences(delta, batch, counter, signal);
    return counter;
  }

  async claim(
    pk: string,
    claim: Claim,
    replaces: Claim | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome> {
    const answer = await this.#update(claimUpdate(pk, claim, replaces, seen, this.#table.tableName), signal);
    if (!('failed' in answer)) return { held: claim };
    const item = answer.failed ?? (await this.#read(pk, signal));
    return refusedClaim(item && readCounter(item), claim, replaces, seen);
  }

  async markSent(pk: string, claim: Claim, signal: AbortSignal): Promise<void> {
    await this.#update(sentUpdate(pk, claim, this.#table.tableName), signal);
  }

  async hold(pk: string, claim: Claim, token: string, signal: AbortSignal): Promise<void> {
    await this.#update(holdUpdate(pk, claim, token, this.#table.tableName), signal);
  }

  async read(pk: string, signal: AbortSignal): Promise<Counter | undefined> {
    const item = await this.#read(pk, signal);
    return item && readCounter(item);
  }

  /** What is stale does no harm but to the bill: that it could not be removed must not fail the batch. */
  async #prune(pk: string, stale: Stale, signal: AbortSignal): Promise<void> {
    const slots = stale.slots.map(({ series, slot }) => slotAttribute(series, slot));
    const attributes = [...slots, ...stale.tokens.map(tokenAttribute)].slice(0, maxRemovals);
    await this.#update(pruneUpdate(pk, attributes, this.#table.tableName), signal).catch(() => {});
  }

  /** To count sets when the item may go, and a silence may be for longer than items are kept. */
  async #keepSilences(delta: KeyDelta, batch: Batch, { silences }: Counter, signal: AbortSignal): Promise<void> {
    const until = Math.max(...[...silences.values()].map((silence) => silence.until));
    if (until <= Math.max(delta.lastSeen, batch.arrival) + this.#table.retentionSeconds) return;
    await this.#update(keepUpdate(delta.key.pk, until, this.#table.tableName), signal);
  }

  async #count(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const token = partToken(batch.token, delta.part);
    let known: Counter | undefined;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const update = countUpdate(delta, batch, this.#table, known);
      if (!update) return known!;
      const answer = await this.#update(update, signal);
      if (!('failed' in answer)) return readCounter(answer.item);
      const item = answer.failed ?? (await this.#read(delta.key.pk, signal));
      known = item && readCounter(item);
      if (known && remembers(known, token, batch.arrival)) return known;
    }
    throw new FlowError('COUNT_FAILED', `${delta.key.pk} changed at each of ${maxTries} tries to count it`);
  }

  /** Sends an update; a failed condition is an answer, with the item as it stands where the store tells. */
  async #update(update: UpdateParameters, signal: AbortSignal): Promise<{ item: Item } | { failed: Item | undefined }> {
    try {
      const { Attributes } = await this.#client.send(new UpdateItemCommand(update as never), { abortSignal: signal });
      return { item: (Attributes ?? {}) as Item };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { failed: error.Item as Item | undefined };
      throw storeError(error, signal);
    }
  }

  async #read(pk: string, signal: AbortSignal): Promise<Item | undefined> {
    const get = new GetItemCommand({ TableName: this.#table.tableName, Key: { pk: { S: pk } }, ConsistentRead: true });
    try {
      const { Item: item } = await this.#client.send(get, { abortSignal: signal });
      return item as Item | undefined;
    } catch (error) {
      throw storeError(error, signal);
    }
  }
}

/** An expression may have 4 KB (DynamoDB Developer Guide, "Quotas"), and a name's placeholder takes up to 5 bytes. */
const maxRemovals = 200;

/** What the table did not take, or was not asked in time, as the ports have it. */
export function storeError(error: unknown, signal: AbortSignal): FlowError {
  if (signal.aborted) return new FlowError('DEADLINE_NEAR', 'gave up counting before the deadline', { cause: error });
  return new FlowError('COUNT_FAILED', `the counter table did not take an update: ${messageOf(error)}`, {
    cause: error,
  });
}
