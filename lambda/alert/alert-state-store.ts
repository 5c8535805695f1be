import type { Batch } from '../counters/batch.ts';
import type { ReEvaluation } from '../evaluate/finding.ts';
import type { MessagesByLevel } from './message-allowance.ts';

/** The capacity of each re-evaluation queue, in entries of any rule. */
export const queueCapacity = 900;

/** The further places that each rule has in its queue once the others are taken: no other rule takes these. */
export const placesOfRule = 5;

/** The alert state that all invocations share. Calls reject with the errors of the counter store. */
export interface AlertStateStore {
  /**
   * Returns the arrival of the first batch that asked for a name, in epoch seconds: at most the given arrival. A name that
   * nobody asks for is forgotten after the retention of the counters, but for the empty name.
   *
   * @param name see learningName
   */
  observedSince(name: string, arrival: number, signal: AbortSignal): Promise<number>;
  /**
   * Reserves messages of a minute since the epoch, of which all batches together may send `perMinute`. Returns the numbers
   * that the batch may send: see grantMessages.
   */
  reserveMessages(
    minute: number,
    wanted: MessagesByLevel,
    perMinute: number,
    signal: AbortSignal,
  ): Promise<MessagesByLevel>;
  /** Returns the re-evaluation queues; empty if another batch has read them this minute: see evaluate/re-evaluate.ts. */
  dueReEvaluations(batch: Batch, signal: AbortSignal): Promise<readonly ReEvaluation[]>;
  /** Adds entries to their re-evaluation queues. Returns the entries that a queue has no place for. */
  schedule(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<readonly ReEvaluation[]>;
  /** Removes entries from their re-evaluation queues. */
  cancel(reEvaluations: readonly ReEvaluation[], signal: AbortSignal): Promise<void>;
}
