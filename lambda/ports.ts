import type { Alert } from './core/alert.ts';
import type { Batch } from './core/batch.ts';
import type { Claim, Counter } from './core/counter.ts';
import type { KeyDelta } from './core/delta-builder.ts';
import type { BatchReport } from './core/report.ts';

/**
 * Where counters are kept. Every call rejects with a FlowError when the store does not take it: `COUNT_FAILED`,
 * or `DEADLINE_NEAR` when the signal fired.
 */
export interface CounterStore {
  /** Adds a delta, unless this batch's was added before; either way answers the counter as it then is. */
  add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter>;
  /** Takes over the promise to publish an alert, unless another claim than the one to be replaced stands in its place. */
  claim(pk: string, claim: Claim, replaces: Claim | undefined, signal: AbortSignal): Promise<ClaimOutcome>;
  /** Marks a claimed alert as published. */
  markSent(pk: string, claim: Claim, signal: AbortSignal): Promise<void>;
}

/**
 * What became of a claim: held, as it is or as an earlier try of the same batch made it; or lost to the one that stands
 * there, if any does.
 */
export type ClaimOutcome = { readonly held: Claim } | { readonly lostTo: Claim | undefined };

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
}

/** Requests under way at once, to the store: as many as the HTTP agent has sockets (io/clients.ts). */
export const concurrency = 64;

/** All that the pipeline may ask of the world. */
export interface Ports {
  readonly counters: CounterStore;
  readonly alerts: AlertPublisher;
  readonly log: Log;
  /** Fires when nothing more may be begun, in good time before the invocation is stopped. */
  readonly deadline: AbortSignal;
  /** Fires when what was begun must be over too: what was published by the deadline is still marked until then. */
  readonly closing: AbortSignal;
}
