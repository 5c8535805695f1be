import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { SentAlert } from '../report/report-collector.ts';
import type { BatchOfRows } from '../report/reported-flow.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';

/** The function with its own counter store, which receives a stream of events. */
export interface Engine {
  /** Transforms an event; rejects if the batch must be retried. */
  invoke(event: unknown): Promise<unknown>;
  /**
   * Counts the records of a batch as `invoke` does, without an event and without a response, which nobody reads in a run;
   * rejects if the batch must be retried. Undefined if the engine is a function that takes events only.
   */
  readonly count?: (records: readonly SourceRecord[]) => Promise<BatchOfRows>;
  /** Counts what a journal still holds, and sends the alerts of it: after the last event, before `pairs`. */
  finish(): Promise<void>;
  /** Returns the counters of pairs, busiest first. */
  pairs(): Promise<PairCounter[]>;
  /** Returns the number of flows so far that ended at an implausible time. */
  implausibleTimes(): number;
  /** Returns the number of flows so far that were left out as duplicate observations. */
  leftOut(): number;
  stop(): Promise<void>;
}

/**
 * Receives each alert in the order in which they are raised, after the previous call has resolved. An alert of an
 * experimental rule is log-only: a deployed function does not send it.
 */
export type OnAlert = (alert: SentAlert, isLogOnly: boolean) => void | Promise<void>;
