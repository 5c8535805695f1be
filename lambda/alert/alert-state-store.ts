import type { Batch } from '../counters/batch.ts';
import type { ReEvaluation } from '../evaluate/finding.ts';

/** What all invocations know together of alerts. Calls reject as those of the counter store do. */
export interface AlertStateStore {
  /** When the first batch of all arrived, in epoch seconds; this one's time where none came before. */
  observedSince(arrival: number, signal: AbortSignal): Promise<number>;
  /** How many of the wanted messages may be sent without there being more than `most` in the minute since the epoch. */
  reserveMessages(minute: number, wanted: number, most: number, signal: AbortSignal): Promise<number>;
  /** What is to be looked at again; nothing when another batch has asked for it this minute: see evaluate/re-evaluate.ts. */
  dueReEvaluations(batch: Batch, signal: AbortSignal): Promise<readonly ReEvaluation[]>;
  /** Remembers what is to be looked at again, as far as there is room. */
  schedule(followUps: readonly ReEvaluation[], signal: AbortSignal): Promise<void>;
  /** Forgets what needs not be looked at again. */
  cancel(followUps: readonly ReEvaluation[], signal: AbortSignal): Promise<void>;
}
