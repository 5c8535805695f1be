import type { Batch } from '../counters/batch.ts';
import type { ReEvaluation } from '../evaluate/finding.ts';

/** The alert state that all invocations share. Calls reject with the errors of the counter store. */
export interface AlertStateStore {
  /** Returns the arrival of the first batch of all, in epoch seconds: at most the given arrival. */
  observedSince(arrival: number, signal: AbortSignal): Promise<number>;
  /** Reserves messages of a minute since the epoch. Returns how many may be sent: `maxMessages` in the minute, over all. */
  reserveMessages(minute: number, wanted: number, maxMessages: number, signal: AbortSignal): Promise<number>;
  /** Returns the re-evaluation queue; empty if another batch has read it this minute: see evaluate/re-evaluate.ts. */
  dueReEvaluations(batch: Batch, signal: AbortSignal): Promise<readonly ReEvaluation[]>;
  /** Adds entries to the re-evaluation queue, up to its capacity. */
  schedule(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void>;
  /** Removes entries from the re-evaluation queue. */
  cancel(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void>;
}
