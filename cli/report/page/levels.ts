import { formatInteger } from '../../../lambda/common/format-units.ts';

/** Sigma's levels, the worst first. */
export const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Level = (typeof levels)[number];

/** The place of a level among them; what is none comes last. */
export function rankOf(level: string): number {
  const rank = levels.indexOf(level as Level);
  return rank < 0 ? levels.length : rank;
}

/** `2 high, 10 medium`: how many there are of each level, a digest for as many as it stands for. */
export function levelCounts(found: readonly { readonly level: string; readonly count?: number }[]): string {
  return levels
    .flatMap((level) => {
      const all = found.reduce((sum, one) => sum + (one.level === level ? (one.count ?? 1) : 0), 0);
      return all === 0 ? [] : [`${formatInteger(all)} ${level}`];
    })
    .join(', ');
}
