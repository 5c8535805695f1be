import type { Batch } from '../counters/batch.ts';
import type { FollowUp } from '../evaluate/finding.ts';

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
