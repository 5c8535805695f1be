import type { Window } from './window.ts';

/** An operator's order not to send alerts of a rule for a key, of any multiple, until a given time. */
export interface Silence {
  readonly rule: string;
  readonly reason: string;
  /** Start, and end (exclusive), in epoch seconds. */
  readonly since: number;
  readonly until: number;
}

/** Limits of a silence. DynamoDB bills the whole item at each write, so a reason is short; a filter suits a longer time. */
export const maxReasonBytes = 200;
export const maxSilenceSeconds = 30 * 86_400;

/**
 * Returns the end of the observed part of a window, in epoch seconds. A window ends with a slot, but a silence may end
 * within one.
 *
 * @param lastSeen the end of the key's last flow
 */
export function observedUntil({ to }: Pick<Window, 'to'>, { lastSeen }: { readonly lastSeen: number }): number {
  return Math.min(to, lastSeen + 1);
}

/** Returns whether a silence covers a window: no observed part of it is after the silence's end. */
export function isSilenced(silence: Silence | undefined, observed: number): boolean {
  return silence !== undefined && observed <= silence.until;
}
