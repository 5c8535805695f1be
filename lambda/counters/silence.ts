import type { Window } from './window.ts';

/** Somebody's word that no alert of a rule is to be sent for a key for a while, however high its multiple. */
export interface Silence {
  readonly rule: string;
  readonly reason: string;
  /** When it was said, and the first second that it is not for any more, in epoch seconds. */
  readonly since: number;
  readonly until: number;
}

/** An item is written whole with each batch, so a reason has few bytes in UTF-8; a longer time is for a filter. */
export const maxReasonBytes = 200;
export const maxSilenceSeconds = 30 * 86_400;

/**
 * When a window ends, as far as it has been seen: a slot is longer than a second, and a silence ends within one.
 *
 * @param lastSeen when the key's last flow ended
 */
export function observedUntil({ to }: Pick<Window, 'to'>, { lastSeen }: { readonly lastSeen: number }): number {
  return Math.min(to, lastSeen + 1);
}

/** Whether a silence holds back what was seen until then: nothing of it is after the silence's end. */
export function isSilenced(silence: Silence | undefined, observed: number): boolean {
  return silence !== undefined && observed <= silence.until;
}
