import type { SentAlert } from '../report/report-collector.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';

/** The function with a store of its own behind it: what a stream of events is sent through. */
export interface Engine {
  /** Transforms an event; rejects when the batch must come again. */
  invoke(event: unknown): Promise<unknown>;
  /** The counters of pairs, the busiest first. */
  pairs(): Promise<PairCounter[]>;
  stop(): Promise<void>;
}

/** Who is told of alerts, in the order in which they are raised; none is told of before the one before is taken. */
export type OnAlert = (alert: SentAlert, isQuiet: boolean) => void | Promise<void>;
