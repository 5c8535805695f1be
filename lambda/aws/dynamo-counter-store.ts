import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { chunked } from '../common/chunked.ts';
import { FlowError, messageOf } from '../common/errors.ts';
import {
  attemptsAtCompletion,
  attemptsOf,
  completedUpdate,
  countingOf,
  isMarkerOf,
  markerKey,
  scopeOfMarker,
  startedUpdate,
  tokenOfMarker,
} from '../count/batch-marker.ts';
import { type CompactionOptions, defaultCompaction, planCompaction } from '../count/compaction.ts';
import type { CompactionPlan } from '../count/compaction-plan.ts';
import { type Item, readCounter } from '../count/counter-item.ts';
import {
  type BatchStart,
  type ClaimOutcome,
  type CounterStore,
  type Counting,
  maxKeysPerRead,
} from '../count/counter-store.ts';
import {
  type CounterTable,
  claimUpdate,
  compactionUpdate,
  countUpdate,
  extendExpiryUpdate,
  markSentUpdate,
  suppressionUpdate,
  type UpdateParameters,
} from '../count/counter-update.ts';
import { FinishedBatches, type FinishingOptions } from '../count/finished-batches.ts';
import { type AlertRecord, failedClaimOutcome } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import { type Counter, hasCounted, partToken } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import { CommandSender } from './command-sender.ts';
import { optionalSignal } from './optional-signal.ts';
import { backoffMilliseconds } from './patient-retry-strategy.ts';
import { storeError } from './store-error.ts';

/**
 * Each failed condition decides one of four questions for good: the token, the first time, the last time, full sets. The
 * other attempts are for sets that concurrent updates fill.
 */
const maxAttempts = 20;

/** When batches are finished, and when items are compacted. */
export interface MaintenanceOptions {
  readonly finishing: FinishingOptions;
  readonly compaction: CompactionOptions;
}

/**
 * An attempt ends with the function's timeout of five minutes (lib/detector/detector.ts). The signature of its
 * last request is valid for five more minutes, and a clock may run a fifth too fast.
 */
export const defaultMaintenance: MaintenanceOptions = {
  finishing: { now: () => performance.now(), attemptMilliseconds: 720_000 },
  compaction: defaultCompaction,
};

/** Stores counters in a DynamoDB table. */
export class DynamoCounterStore implements CounterStore {
  readonly #client: DynamoDBClient;
  readonly #sender: CommandSender;
  readonly #table: CounterTable;
  readonly #series: ReadonlyMap<string, LoadedSeries>;
  readonly #compaction: CompactionOptions;
  readonly #finished: FinishedBatches;
  readonly #isFinished: FinishedBatches['isFinished'] = (token, isOld) => this.#finished.isFinished(token, isOld);
  /** Batches with a retried request, whose first transmission may still be in flight. */
  readonly #retried = new WeakSet<Batch>();
  /** Batches that share their dedup token with a batch that has the marker. */
  readonly #unmarked = new WeakSet<Batch>();

  constructor(
    client: DynamoDBClient,
    table: CounterTable,
    series: ReadonlyMap<string, LoadedSeries>,
    { finishing, compaction }: MaintenanceOptions = defaultMaintenance,
  ) {
    this.#client = client;
    this.#sender = new CommandSender(client);
    this.#table = table;
    this.#series = series;
    this.#compaction = compaction;
    this.#finished = new FinishedBatches(finishing);
  }

  async hasStarted(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const marker = await this.#read(markerKey(batch.dedupToken), signal);
    return marker !== undefined && isMarkerOf(marker, batch);
  }

  async begin(batch: Batch, signal: AbortSignal, wanted: Counting = 'direct'): Promise<BatchStart> {
    const response = await this.#update(startedUpdate(batch, wanted, this.#table), signal);
    if ('failed' in response) {
      if (wanted !== 'direct') return this.begin(batch, signal);
      this.#unmarked.add(batch);
      return { counting: 'direct', isRetry: true, isCounted: false, scope: batch.scope };
    }
    const { item } = response;
    const atCompletion = attemptsAtCompletion(item);
    if (atCompletion !== undefined) this.#finished.recordCompletion(batch.dedupToken, atCompletion);
    return {
      counting: countingOf(item),
      scope: scopeOfMarker(item),
      isRetry: attemptsOf(item) !== 1,
      isCounted: atCompletion !== undefined,
    };
  }

  async add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const counter = await this.#count(delta, batch, signal);
    this.#finished.observe(counter, batch.arrival);
    const options = this.#retried.has(batch) ? { ...this.#compaction, minSavedUnits: 2 } : this.#compaction;
    const plan = planCompaction({
      counter,
      delta,
      arrival: batch.arrival,
      series: this.#series,
      isFinished: this.#isFinished,
      options,
    });
    if (plan) await this.#compact(delta.key.pk, plan, batch, signal);
    if (counter.silences.size > 0) await this.#retainSilences(delta, batch, counter, signal);
    return counter;
  }

  async complete(batch: Batch, signal: AbortSignal): Promise<void> {
    // Alerts wait for this, and nothing depends on it but the size of items.
    const optional = optionalSignal(signal);
    await Promise.allSettled([this.#markCompleted(batch, optional), this.#lookUpOthers(batch, optional)]);
  }

  async claim(
    pk: string,
    record: AlertRecord,
    replaces: AlertRecord | undefined,
    observed: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome> {
    const update = claimUpdate(pk, record, replaces, observed, this.#table.tableName);
    const response = await this.#update(update, signal);
    if (!('failed' in response)) return { claimed: record };
    const item = response.failed ?? (await this.#read(keyOf(pk), signal));
    return failedClaimOutcome(item && readCounter(item), record, replaces, observed);
  }

  async markSent(pk: string, record: AlertRecord, signal: AbortSignal): Promise<void> {
    await this.#update(markSentUpdate(pk, record, this.#table.tableName), signal);
  }

  async recordSuppression(pk: string, record: AlertRecord, token: string, signal: AbortSignal): Promise<void> {
    await this.#update(suppressionUpdate(pk, record, token, this.#table.tableName), optionalSignal(signal));
  }

  async read(pk: string, signal: AbortSignal): Promise<Counter | undefined> {
    const item = await this.#read(keyOf(pk), signal);
    return item && readCounter(item);
  }

  async readAll(
    pks: readonly string[],
    signal: AbortSignal,
    consistency: 'strong' | 'eventual',
  ): Promise<ReadonlyMap<string, Counter>> {
    // A throttled table must not hold the batch: an eventual read only saves writes.
    const bounded = consistency === 'eventual' ? optionalSignal(signal) : signal;
    const items = await this.#readItems(pks.map(keyOf), bounded, consistency);
    return new Map(items.map((item) => [partitionKeyOf(item), readCounter(item)]));
  }

  /** Compacts an item. An item that is not compacted costs more but is correct: a failure must not fail the batch. */
  async #compact(pk: string, plan: CompactionPlan, batch: Batch, signal: AbortSignal): Promise<void> {
    try {
      const { transmissions } = await this.#update(compactionUpdate(pk, plan, this.#table.tableName), signal);
      if (transmissions !== 1) this.#retried.add(batch);
    } catch {
      this.#retried.add(batch);
    }
  }

  async #markCompleted(batch: Batch, signal: AbortSignal): Promise<void> {
    if (this.#unmarked.has(batch)) return;
    const isSure = !this.#retried.has(batch);
    const response = await this.#update(completedUpdate(batch, isSure, this.#table.tableName), signal);
    const attempts = 'item' in response ? attemptsAtCompletion(response.item) : undefined;
    if (attempts !== undefined) this.#finished.recordCompletion(batch.dedupToken, attempts);
  }

  /** Reads the markers of other batches whose tokens are in items. */
  async #lookUpOthers({ dedupToken }: Batch, signal: AbortSignal): Promise<void> {
    for (const unknown of chunked(this.#finished.unknownTokens(dedupToken), maxKeysPerRead)) {
      const keys = unknown.map(([token]) => markerKey(token));
      const markers = await this.#readItems(keys, signal);
      const byToken = new Map(markers.map((marker) => [tokenOfMarker(marker), marker]));
      for (const [token, isOld] of unknown) {
        const marker = byToken.get(token);
        const attempts = attemptsAtCompletion(marker);
        if (!marker) this.#finished.recordMissing(token, isOld);
        else if (attempts !== undefined) this.#finished.recordCompletion(token, attempts);
      }
    }
  }

  /** Extends the expiry, which each update sets, to the end of a silence that is longer than the retention. */
  async #retainSilences(delta: KeyDelta, batch: Batch, { silences }: Counter, signal: AbortSignal): Promise<void> {
    const until = Math.max(...[...silences.values()].map((silence) => silence.until));
    if (until <= Math.max(delta.lastSeen, batch.arrival) + this.#table.retentionSeconds) return;
    await this.#update(extendExpiryUpdate(delta.key.pk, until, this.#table.tableName), signal);
  }

  async #count(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    try {
      return await this.#countOnce(delta, batch, signal);
    } catch (error) {
      const { pk } = delta.key;
      if (!isRefusal(error)) throw error;
      const message = `the counter table refuses an update of ${pk}: ${messageOf(error.cause)}`;
      throw new FlowError('COUNT_FAILED', message, { cause: error.cause, refusedKey: pk });
    }
  }

  async #countOnce(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const token = partToken(batch.dedupToken, delta.part);
    let known: Counter | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const update = countUpdate(delta, batch, this.#table, known);
      if (!update) return known!;
      const response = await this.#update(update, signal);
      if (response.transmissions !== 1) this.#retried.add(batch);
      if (!('failed' in response)) return readCounter(response.item);
      const item = response.failed ?? (await this.#read(keyOf(delta.key.pk), signal));
      known = item && readCounter(item);
      if (known && hasCounted(known, token, batch.arrival)) return known;
    }
    throw new FlowError('COUNT_FAILED', `${delta.key.pk} changed at each of ${maxAttempts} attempts to count it`);
  }

  /** Sends an update. A failed condition is a response, with the stored item if the server returns it. */
  async #update(update: UpdateParameters, signal: AbortSignal): Promise<UpdateResponse> {
    try {
      const { Attributes, $metadata } = await this.#sender.send(UpdateItemCommand, update as never, signal);
      return { item: (Attributes ?? {}) as Item, transmissions: $metadata.attempts };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw await storeError(error, signal, this.#client);
      return { failed: error.Item as Item | undefined, transmissions: error.$metadata.attempts };
    }
  }

  /**
   * Reads up to a hundred items. A table at its read capacity, or with more than 16 MB of items, leaves keys unprocessed
   * (DynamoDB API Reference, "BatchGetItem"): these are read again until the signal fires.
   */
  async #readItems(
    keys: readonly Item[],
    signal: AbortSignal,
    consistency: 'strong' | 'eventual' = 'strong',
  ): Promise<Item[]> {
    const { tableName } = this.#table;
    const items: Item[] = [];
    let unread: readonly Item[] = keys;
    for (let retries = 0; unread.length > 0; retries += 1) {
      const request = { RequestItems: { [tableName]: { Keys: unread, ConsistentRead: consistency === 'strong' } } };
      try {
        if (retries > 0) await new Promise((resolve) => setTimeout(resolve, backoffMilliseconds(retries)));
        const { Responses, UnprocessedKeys } = await this.#sender.send(BatchGetItemCommand, request as never, signal);
        items.push(...((Responses?.[tableName] ?? []) as Item[]));
        unread = (UnprocessedKeys?.[tableName]?.Keys ?? []) as Item[];
      } catch (error) {
        throw await storeError(error, signal, this.#client);
      }
    }
    return items;
  }

  async #read(key: Item, signal: AbortSignal): Promise<Item | undefined> {
    const get = { TableName: this.#table.tableName, Key: key, ConsistentRead: true };
    try {
      const { Item: item } = await this.#sender.send(GetItemCommand, get, signal);
      return item as Item | undefined;
    } catch (error) {
      throw await storeError(error, signal, this.#client);
    }
  }
}

/** Returns whether DynamoDB refused an update for what it says: the same update fails at every attempt. */
function isRefusal(error: unknown): error is FlowError {
  return error instanceof FlowError && error.cause instanceof Error && error.cause.name === 'ValidationException';
}

function keyOf(pk: string): Item {
  return { pk: { S: pk } };
}

function partitionKeyOf({ pk }: Item): string {
  return pk && 'S' in pk ? pk.S : '';
}

/** The item after an update, or the item that failed its condition; and how often the client sent the request. */
type UpdateResponse = ({ readonly item: Item } | { readonly failed: Item | undefined }) & {
  readonly transmissions: number | undefined;
};
