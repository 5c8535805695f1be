import { daySeconds } from '../common/calendar.ts';
import type { Window } from './window.ts';

/** An operator's entry that stops alerts of one rule for one key, at any multiple, until a time. */
export interface Silence {
  readonly rule: string;
  readonly reason: string;
  /** The time of the entry, and the first second after the silence, in epoch seconds. */
  readonly since: number;
  readonly until: number;
}

/** Limits of a silence. Each batch rewrites the complete item, so a reason is short; a filter serves for a longer time. */
export const maxReasonBytes = 200;
export const maxSilenceSeconds = 30 * daySeconds;

/**
 * Returns until when a window has been observed, in epoch seconds: its end, or the second after the key's last flow.
 * A slot is longer than a second, and a silence ends within a slot.
 *
 * @param lastSeen the end of the key's last flow
 */
export function observedUntil({ to }: Pick<Window, 'to'>, { lastSeen }: { readonly lastSeen: number }): number {
  return Math.min(to, lastSeen + 1);
}

/** Returns whether a silence covers everything that was observed until a time: nothing lies after the silence. */
export function isSilenced(silence: Silence | undefined, observed: number): boolean {
  return silence !== undefined && observed <= silence.until;
}
