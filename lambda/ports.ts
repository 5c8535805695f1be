import type { KeyDelta } from './core/aggregate.ts';
import type { Alert } from './core/alert.ts';
import type { Batch } from './core/batch.ts';
import type { Claim, Counter } from './core/counter.ts';

/**
 * Where counters are kept. Every call rejects with a FlowError when the store does not take it: `COUNT_FAILED`,
 * or `DEADLINE_NEAR` when the signal fired.
 */
export interface CounterStore {
  /** Adds a delta, unless this batch's was added before; either way answers the counter as it then is. */
  add(delta: KeyDelta, batch: Batch, signal: AbortSignal): Promise<Counter>;
  /**
   * Takes over the promise to publish an alert, and answers the claim as it stands: this one, or one that an earlier try
   * of the same batch made. Undefined when another batch holds the promise, or it has been kept.
   */
  claim(pk: string, claim: Claim, replaces: Claim | undefined, signal: AbortSignal): Promise<Claim | undefined>;
  /** Marks a claimed alert as published. */
  markSent(pk: string, claim: Claim, signal: AbortSignal): Promise<void>;
}

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

/** What one batch came to. */
export interface BatchReport {
  readonly records: { readonly ok: number; readonly dropped: number; readonly failed: number };
  /** Records that were counted and did not fit into the answer: see core/respond.ts. */
  readonly overflowed: number;
  readonly flows: number;
  readonly countersTouched: number;
  readonly alertsPublished: number;
  /** Seconds from the end of the flow that waited longest to the arrival of its record; undefined without flows. */
  readonly delaySeconds: number | undefined;
  /** How many lines, and records without lines, could not be read, and why the first could not. */
  readonly unreadable: number;
  readonly firstReason: string | undefined;
}

/** Where the program tells how it fares. */
export interface Log {
  report(report: BatchReport): void;
}

/** All that the pipeline may ask of the world. */
export interface Ports {
  readonly counters: CounterStore;
  readonly alerts: AlertPublisher;
  readonly log: Log;
  /** Fires when the invocation must give up, in good time before it is stopped. */
  readonly deadline: AbortSignal;
}
