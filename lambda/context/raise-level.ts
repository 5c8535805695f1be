import { type Level, levels, severityRank } from '../rules/level.ts';

/** A level that context raised by one step, and why. */
export interface Raise {
  readonly from: Level;
  readonly to: Level;
  /** A clause: `a GuardDuty finding from other data names this host`. */
  readonly reason: string;
  /** The id of the event that is the evidence. */
  readonly evidence: string;
}

/** Returns the raise of a level; undefined if it is the highest already. */
export function raiseOf(from: Level, reason: string, evidence: string): Raise | undefined {
  const to = levels[levels.indexOf(from) + 1];
  return to && { from, to, reason, evidence };
}

/** Returns whether a level is at least another one. */
export function isAtLeast(level: Level, least: Level): boolean {
  return severityRank(level) <= severityRank(least);
}
