/** Sigma's levels, the worst first. */
export const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Level = (typeof levels)[number];

/** The place of a level among them; what is none comes last. */
export function rankOf(level: string): number {
  const rank = levels.indexOf(level as Level);
  return rank < 0 ? levels.length : rank;
}

/** `2 high, 10 medium` */
export function levelCounts(found: readonly string[]): string {
  const counts = levels.map((level) => [found.filter((one) => one === level).length, level] as const);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, level]) => `${count.toLocaleString('en-US')} ${level}`)
    .join(', ');
}
