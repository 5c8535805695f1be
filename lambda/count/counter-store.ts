import type { AlertRecord } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { Silence } from '../counters/silence.ts';
import type { Scope } from '../flow-log/scope.ts';
import type { KnownSlots } from './known-slots.ts';

/**
 * The port to the stored counters. A call rejects with a FlowError: `COUNT_FAILED` if the store fails, `DEADLINE_NEAR` if
 * the signal has fired.
 */
export interface CounterStore {
  /** Returns whether an attempt of the batch has started: only then may counters hold the batch's token. */
  hasStarted(batch: Batch, signal: AbortSignal): Promise<boolean>;
  /**
   * Records that an attempt of the batch starts; must be called before `add`, and before a page of the batch is put.
   *
   * @param wanted how to count the batch if this is its first attempt. Default: `direct`
   */
  begin(batch: Batch, signal: AbortSignal, wanted?: Counting): Promise<BatchStart>;
  /** Adds a delta unless an attempt of this batch has added it already; returns the counter afterwards in both cases. */
  add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter>;
  /** Like `add`, for a store without I/O, in which a promise takes longer than the update. */
  addSync?(delta: KeyDelta, batch: Batch): Counter;
  /** Records that all deltas of the batch are added. Never rejects: if that cannot be recorded, counters retain the token longer. */
  complete(batch: Batch, signal: AbortSignal): Promise<void>;
  /**
   * Claims an alert: writes its record unless the stored one differs from `replaces`, or a silence covers the alert.
   *
   * @param observed the end of the observed part of the alert's window, in epoch seconds: see counters/silence.ts
   */
  claim(
    pk: string,
    record: AlertRecord,
    replaces: AlertRecord | undefined,
    observed: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome>;
  /** Marks a claimed alert as published. */
  markSent(pk: string, record: AlertRecord, signal: AbortSignal): Promise<void>;
  /** Counts a batch in which an alert suppressed another one, unless that batch was counted last. */
  recordSuppression(pk: string, record: AlertRecord, token: string, signal: AbortSignal): Promise<void>;
  /** Returns the stored counter, or undefined. */
  read(pk: string, signal: AbortSignal): Promise<Counter | undefined>;
  /**
   * Returns the stored counters by partition key, without missing ones.
   *
   * @param pks distinct, at most `maxKeysPerRead`
   * @param consistency `eventual` costs half, may miss the last second's updates, and fails after ten seconds at most
   */
  readAll(
    pks: readonly string[],
    signal: AbortSignal,
    consistency: 'strong' | 'eventual',
  ): Promise<ReadonlyMap<string, Counter>>;
}

/**
 * How the attempts of a batch count: `direct`, each counter at once; or by pages in the lanes of a journal, which a flush
 * counts later. The first attempt decides for all: two ways would count twice.
 */
export type Counting = 'direct' | { readonly lanes: number; readonly firstAttempt: number };

/** The state of a batch at the start of an attempt. */
export interface BatchStart {
  /** How the first attempt has decided to count; with lanes, when that attempt began, in epoch seconds. */
  readonly counting: Counting;
  /** Whether an earlier attempt may have counted a part of the batch. */
  readonly isRetry: boolean;
  /**
   * Whether the batch is completely counted already. Then `add` must not be called, since counters may have dropped the
   * batch's dedup token.
   */
  readonly isCounted: boolean;
  /**
   * The scope of the keys of the batch's counters: that of its first attempt. Another one would count the batch again,
   * under other keys.
   */
  readonly scope?: Scope | undefined;
}

/** The maximum number of keys in a BatchGetItem (DynamoDB API Reference). */
export const maxKeysPerRead = 100;

/**
 * The result of a claim: the record, as written now or by an earlier attempt of the batch; the silence that covers the
 * alert; or the stored record that the claim lost to, undefined without one.
 */
export type ClaimOutcome =
  | { readonly claimed: AlertRecord }
  | { readonly silencedBy: Silence }
  | { readonly lostTo: AlertRecord | undefined };

/** The ports of the count stage. */
export interface CountPorts {
  readonly counters: CounterStore;
  /** Without it, each batch writes each slot of presence. */
  readonly knownSlots?: KnownSlots;
  /** Fires some seconds before the invocation is stopped; no further work may start then. */
  readonly deadline: AbortSignal;
}

/** Maximum number of concurrent requests to the store; the HTTP agent has as many sockets (aws/clients.ts). */
export const concurrency = 64;
