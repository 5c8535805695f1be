import type { KeyDelta } from './aggregate/delta-builder.ts';
import type { Alert } from './alert/alert.ts';
import type { Batch } from './counters/batch.ts';
import type { Claim, Counter } from './counters/counter.ts';
import type { Silence } from './counters/silence.ts';
import type { FollowUp } from './evaluate/re-evaluate.ts';
import type { BatchReport } from './telemetry/batch-report.ts';

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
  addAtOnce?(delta: KeyDelta, batch: Batch): Counter;
  /** Notes that all of the batch's deltas were added. Never rejects: where it cannot be noted, counters go on remembering the batch. */
  complete(batch: Batch, signal: AbortSignal): Promise<void>;
  /**
   * Takes over the promise to publish an alert, unless another claim than the one to be replaced stands in its place, or a
   * silence holds back what was seen until then: see counters/silence.ts.
   */
  claim(
    pk: string,
    claim: Claim,
    replaces: Claim | undefined,
    seen: number,
    signal: AbortSignal,
  ): Promise<ClaimOutcome>;
  /** Marks a claimed alert as published. */
  markSent(pk: string, claim: Claim, signal: AbortSignal): Promise<void>;
  /** Counts a batch in which an alert held back another one, unless it is the one that was counted last. */
  hold(pk: string, claim: Claim, token: string, signal: AbortSignal): Promise<void>;
  /** The counter as it is; undefined where there is none. */
  read(pk: string, signal: AbortSignal): Promise<Counter | undefined>;
}

/** What all invocations know together of alerts. Calls reject as those of the counter store do. */
export interface AlertLedger {
  /** When the first batch of all arrived, in epoch seconds; this one's time where none came before. */
  observedSince(arrival: number, signal: AbortSignal): Promise<number>;
  /** How many of the wanted messages may be sent without there being more than `most` in the minute since the epoch. */
  takeMessages(minute: number, wanted: number, most: number, signal: AbortSignal): Promise<number>;
  /** What is to be looked at again; nothing when another batch has asked for it this minute: see evaluate/re-evaluate.ts. */
  followUps(batch: Batch, signal: AbortSignal): Promise<readonly FollowUp[]>;
  /** Remembers what is to be looked at again, as far as there is room. */
  follow(followUps: readonly FollowUp[], signal: AbortSignal): Promise<void>;
  /** Forgets what needs not be looked at again. */
  unfollow(followUps: readonly FollowUp[], signal: AbortSignal): Promise<void>;
}

/**
 * What became of a claim: held, as it is or as an earlier try of the same batch made it; held back by a silence that was
 * said meanwhile; or lost to the one that stands there, if any does.
 */
export type ClaimOutcome =
  | { readonly held: Claim }
  | { readonly silencedBy: Silence }
  | { readonly lostTo: Claim | undefined };

/** What became of a call to publish: which alerts the topic has taken, and what kept it from taking the others. */
export interface Published {
  readonly published: ReadonlySet<Alert>;
  readonly problems: readonly string[];
}

/** Where alerts go. */
export interface AlertPublisher {
  /** Publishes alerts, each at least once. Never rejects: what could not be published is missing in the answer. */
  publish(alerts: readonly Alert[], signal: AbortSignal): Promise<Published>;
}

/** Where the program tells how it fares. */
export interface Log {
  report(report: BatchReport): void;
  /** Tells of an alert that pages nobody: that of an experimental rule. */
  alert(alert: Alert): void;
}

/** Requests under way at once, to the store: as many as the HTTP agent has sockets (aws/clients.ts). */
export const concurrency = 64;

/** All that the pipeline may ask of the world. */
export interface Ports {
  readonly counters: CounterStore;
  readonly ledger: AlertLedger;
  readonly alerts: AlertPublisher;
  readonly log: Log;
  /** Fires when nothing more may be begun, in good time before the invocation is stopped. */
  readonly deadline: AbortSignal;
  /** Fires when what was begun must be over too: what was published by the deadline is still marked until then. */
  readonly closing: AbortSignal;
}
