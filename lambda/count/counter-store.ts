import type { AlertRecord } from '../counters/alert-record.ts';
import type { Batch } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { Silence } from '../counters/silence.ts';

/**
 * Where counters are kept. Every call rejects with a FlowError when the store does not take it: `COUNT_FAILED`,
 * or `DEADLINE_NEAR` when the signal fired.
 */
export interface CounterStore {
  /**
   * Notes that a try of the batch begins; nothing may be added for it before.
   *
   * @returns whether the batch was counted in whole before: then nothing may be added for it at all, since counters may
   * have forgotten it
   */
  begin(batch: Batch, signal: AbortSignal): Promise<boolean>;
  /** Adds a delta, unless this batch's was added before; either way answers the counter as it then is. */
  add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter>;
  /** The same without waiting, of a store that waits for nothing: a promise takes longer than all that it does. */
  addSync?(delta: KeyDelta, batch: Batch): Counter;
  /** Notes that all of the batch's deltas were added. Never rejects: where it cannot be noted, counters go on remembering the batch. */
  complete(batch: Batch, signal: AbortSignal): Promise<void>;
  /**
   * Takes over the promise to publish an alert, unless another claim than the one to be replaced stands in its place, or a
   * silence holds back what was seen until then: see counters/silence.ts.
   */
  claim(
    pk: string,
    claim: AlertRecord,
    replaces: AlertRecord | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome>;
  /** Marks a claimed alert as published. */
  markSent(pk: string, claim: AlertRecord, signal: AbortSignal): Promise<void>;
  /** Counts a batch in which an alert held back another one, unless it is the one that was counted last. */
  recordSuppression(pk: string, claim: AlertRecord, token: string, signal: AbortSignal): Promise<void>;
  /** The counter as it is; undefined where there is none. */
  read(pk: string, signal: AbortSignal): Promise<Counter | undefined>;
}

/**
 * What became of a claim: held, as it is or as an earlier try of the same batch made it; held back by a silence that was
 * said meanwhile; or lost to the one that stands there, if any does.
 */
export type ClaimOutcome =
  | { readonly claimed: AlertRecord }
  | { readonly silencedBy: Silence }
  | { readonly lostTo: AlertRecord | undefined };

/** What the stage `count` asks of the world. */
export interface CountPorts {
  readonly counters: CounterStore;
  /** Fires when nothing more may be begun, in good time before the invocation is stopped. */
  readonly deadline: AbortSignal;
}

/** Requests under way at once, to the store: as many as the HTTP agent has sockets (aws/clients.ts). */
export const concurrency = 64;
