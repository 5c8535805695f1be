/** The levels of rules, the least severe first. */
export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

/** The level of a rule and of its alerts. */
export type Level = (typeof levels)[number];

/** The levels of rules, the most severe first. */
export const severeFirst: readonly Level[] = levels.toReversed();

/** Returns the rank of a level among all levels: 0 for the most severe, -1 for an unknown level. */
export function severityRank(level: string | undefined): number {
  return severeFirst.indexOf(level as Level);
}

/** Returns whether an alert of the level must not wait unnoticed: `high` or `critical`. */
export function isSevere(level: Level): boolean {
  return level === 'high' || level === 'critical';
}
