import type { Rule } from '../../lambda/rules/model.ts';
import type { RuleStatistics } from './rule-statistics.ts';

/** How to keep a rule to so many alerts on each day. */
export interface Suggestion {
  readonly rule: Rule;
  /** On the day with the most, as it is, and how many keys it alerts for. */
  readonly mostADay: number;
  readonly keys: number;
  /** The least threshold tried that does; undefined where none did, or the rule has none. */
  readonly instead: { readonly threshold: number; readonly mostADay: number; readonly lostKeys: number } | undefined;
}

/** A threshold that a rule was tried with. */
export interface ThresholdResult {
  readonly threshold: number;
  readonly statistics: RuleStatistics;
}

/**
 * What to do about a rule that has more alerts on some day than wanted; undefined where it has not.
 *
 * @param tried other thresholds, ascending
 */
export function suggestionOf(
  rule: Rule,
  own: RuleStatistics,
  tried: readonly ThresholdResult[],
  most: number,
): Suggestion | undefined {
  const { mostADay, keys } = own;
  if (mostADay <= most) return undefined;
  const found = tried.find(({ statistics }) => statistics.mostADay <= most);
  if (!found) return { rule, mostADay, keys, instead: undefined };
  const { threshold, statistics: tally } = found;
  const lostKeys = own.keysWithout(tally).length;
  return { rule, mostADay, keys, instead: { threshold, mostADay: tally.mostADay, lostKeys } };
}
