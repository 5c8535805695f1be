import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { FlowError, messageOf } from '../common/errors.ts';
import {
  attemptsAtCompletion,
  completedUpdate,
  markerKey,
  startedUpdate,
  tokenOfMarker,
} from '../count/batch-marker.ts';
import { type CompactionOptions, defaultCompaction, planCompaction } from '../count/compaction.ts';
import { type Item, readCounter } from '../count/counter-item.ts';
import type { ClaimOutcome, CounterStore } from '../count/counter-store.ts';
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

/**
 * Each failed condition teaches one thing, of which there are four (the token, the first and the last time, full sets),
 * and each holds for good; the rest is room for sets that others fill meanwhile.
 */
const maxAttempts = 20;

/** How long a process waits before it removes what it knows, and when it does. */
export interface MaintenanceOptions {
  readonly finishing: FinishingOptions;
  readonly compaction: CompactionOptions;
}

/**
 * No try outlives the function's timeout of five minutes (lib/detector/detector.ts), nor its last request the five minutes after
 * that for which its signature holds; and a clock may run a fifth too fast.
 */
export const defaultMaintenance: MaintenanceOptions = {
  finishing: { now: () => performance.now(), attemptMilliseconds: 720_000 },
  compaction: defaultCompaction,
};

/** Counters in a DynamoDB table. */
export class DynamoCounterStore implements CounterStore {
  readonly #client: DynamoDBClient;
  readonly #sender: CommandSender;
  readonly #table: CounterTable;
  readonly #series: ReadonlyMap<string, LoadedSeries>;
  readonly #tidying: CompactionOptions;
  readonly #settled: FinishedBatches;
  /** Batches of which a request was repeated: the first attempt may be under way still. */
  readonly #repeated = new WeakSet<Batch>();
  /** Batches that share their token with another one, which is noted. */
  readonly #unnoted = new WeakSet<Batch>();

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
    this.#tidying = compaction;
    this.#settled = new FinishedBatches(finishing);
  }

  async begin(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#update(startedUpdate(batch, this.#table.tableName), signal);
    if ('failed' in answer) this.#unnoted.add(batch);
    const tries = 'failed' in answer ? undefined : attemptsAtCompletion(answer.item);
    if (tries !== undefined) this.#settled.recordCompletion(batch.dedupToken, tries);
    return tries !== undefined;
  }

  async add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const counter = await this.#count(delta, batch, signal);
    this.#settled.observe(counter, batch.arrival);
    const isSettled = (token: string) => this.#settled.isFinished(token);
    const stale = planCompaction(counter, delta, batch.arrival, this.#series, isSettled, this.#tidying);
    // What is stale does no harm but to the bill: that it could not be removed must not fail the batch.
    if (stale) await this.#update(compactionUpdate(delta.key.pk, stale, this.#table.tableName), signal).catch(() => {});
    if (counter.silences.size > 0) await this.#keepSilences(delta, batch, counter, signal);
    return counter;
  }

  async complete(batch: Batch, signal: AbortSignal): Promise<void> {
    await Promise.allSettled([this.#noteWhole(batch, signal), this.#askForOthers(batch, signal)]);
  }

  async claim(
    pk: string,
    claim: AlertRecord,
    replaces: AlertRecord | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome> {
    const answer = await this.#update(claimUpdate(pk, claim, replaces, seen, this.#table.tableName), signal);
    if (!('failed' in answer)) return { claimed: claim };
    const item = answer.failed ?? (await this.#read(pk, signal));
    return failedClaimOutcome(item && readCounter(item), claim, replaces, seen);
  }

  async markSent(pk: string, claim: AlertRecord, signal: AbortSignal): Promise<void> {
    await this.#update(markSentUpdate(pk, claim, this.#table.tableName), signal);
  }

  async recordSuppression(pk: string, claim: AlertRecord, token: string, signal: AbortSignal): Promise<void> {
    await this.#update(suppressionUpdate(pk, claim, token, this.#table.tableName), signal);
  }

  async read(pk: string, signal: AbortSignal): Promise<Counter | undefined> {
    const item = await this.#read(pk, signal);
    return item && readCounter(item);
  }

  async #noteWhole(batch: Batch, signal: AbortSignal): Promise<void> {
    if (this.#unnoted.has(batch)) return;
    const isSure = !this.#repeated.has(batch);
    const answer = await this.#update(completedUpdate(batch, isSure, this.#table.tableName), signal);
    const tries = 'item' in answer ? attemptsAtCompletion(answer.item) : undefined;
    if (tries !== undefined) this.#settled.recordCompletion(batch.dedupToken, tries);
  }

  /** Learns which of the other batches that items remember were counted in whole. */
  async #askForOthers({ dedupToken }: Batch, signal: AbortSignal): Promise<void> {
    const tokens = this.#settled.unknownTokens(dedupToken);
    const { tableName } = this.#table;
    for (let at = 0; at < tokens.length; at += maxKeys) {
      const Keys = tokens.slice(at, at + maxKeys).map(markerKey);
      const get = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys } } } as never);
      const { Responses } = await this.#client.send(get, { abortSignal: signal });
      for (const item of (Responses?.[tableName] ?? []) as Item[]) {
        const tries = attemptsAtCompletion(item);
        if (tries !== undefined) this.#settled.recordCompletion(tokenOfMarker(item), tries);
      }
    }
  }

  /** To count sets when the item may go, and a silence may be for longer than items are kept. */
  async #keepSilences(delta: KeyDelta, batch: Batch, { silences }: Counter, signal: AbortSignal): Promise<void> {
    const until = Math.max(...[...silences.values()].map((silence) => silence.until));
    if (until <= Math.max(delta.lastSeen, batch.arrival) + this.#table.retentionSeconds) return;
    await this.#update(extendExpiryUpdate(delta.key.pk, until, this.#table.tableName), signal);
  }

  async #count(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter> {
    const token = partToken(batch.dedupToken, delta.part);
    let known: Counter | undefined;
    for (let tries = 0; tries < maxAttempts; tries += 1) {
      const update = countUpdate(delta, batch, this.#table, known);
      if (!update) return known!;
      const answer = await this.#update(update, signal);
      if (answer.attempts !== 1) this.#repeated.add(batch);
      if (!('failed' in answer)) return readCounter(answer.item);
      const item = answer.failed ?? (await this.#read(delta.key.pk, signal));
      known = item && readCounter(item);
      if (known && hasCounted(known, token, batch.arrival)) return known;
    }
    throw new FlowError('COUNT_FAILED', `${delta.key.pk} changed at each of ${maxAttempts} tries to count it`);
  }

  /** Sends an update; a failed condition is an answer, with the item as it stands where the store tells. */
  async #update(update: UpdateParameters, signal: AbortSignal): Promise<Answer> {
    try {
      const { Attributes, $metadata } = await this.#sender.send(UpdateItemCommand, update as never, signal);
      return { item: (Attributes ?? {}) as Item, attempts: $metadata.attempts };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw storeError(error, signal);
      return { failed: error.Item as Item | undefined, attempts: error.$metadata.attempts };
    }
  }

  async #read(pk: string, signal: AbortSignal): Promise<Item | undefined> {
    const get = { TableName: this.#table.tableName, Key: { pk: { S: pk } }, ConsistentRead: true };
    try {
      const { Item: item } = await this.#sender.send(GetItemCommand, get, signal);
      return item as Item | undefined;
    } catch (error) {
      throw storeError(error, signal);
    }
  }
}

/** What a BatchGetItem takes (DynamoDB API Reference). */
const maxKeys = 100;

/** What the table says to an update, and at which attempt of the client. */
type Answer = ({ readonly item: Item } | { readonly failed: Item | undefined }) & {
  readonly attempts: number | undefined;
};

/** What the table did not take, or was not asked in time, as the ports have it. */
export function storeError(error: unknown, signal: AbortSignal): FlowError {
  if (signal.aborted) return new FlowError('DEADLINE_NEAR', 'gave up counting before the deadline', { cause: error });
  return new FlowError('COUNT_FAILED', `the counter table did not take an update: ${messageOf(error)}`, {
    cause: error,
  });
}
