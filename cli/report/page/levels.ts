import { formatInteger } from '../../../lambda/common/format-units.ts';

/** Sigma's levels, the most severe first. */
export const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Level = (typeof levels)[number];

/** Returns the rank of a level; unknown levels come last. */
export function rankOf(level: string): number {
  const rank = levels.indexOf(level as Level);
  return rank < 0 ? levels.length : rank;
}

/** Formats the number of alerts of each level: `2 high, 10 medium`. `count` is the number of alerts in a message. */
export function levelCounts(found: readonly { readonly level: string; readonly count: number }[]): string {
  return levels
    .flatMap((level) => {
      const all = found.reduce((sum, one) => sum + (one.level === level ? one.count : 0), 0);
      return all === 0 ? [] : [`${formatInteger(all)} ${level}`];
    })
    .join(', ');
}
