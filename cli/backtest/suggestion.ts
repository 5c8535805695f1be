import type { Rule } from '../../lambda/rules/model.ts';
import type { RuleStatistics } from './rule-statistics.ts';

/** Suggestion for a rule with too many alerts a day. */
export interface Suggestion {
  readonly rule: Rule;
  /** Alerts on the day with the most, and number of keys, both with the current threshold. */
  readonly mostADay: number;
  readonly keys: number;
  /** Lowest sufficient threshold of those tried; undefined if none is, or the rule has no threshold. */
  readonly instead: { readonly threshold: number; readonly mostADay: number; readonly lostKeys: number } | undefined;
}

/** Statistics of a rule with another threshold. */
export interface ThresholdResult {
  readonly threshold: number;
  readonly statistics: RuleStatistics;
}

/**
 * Suggests a threshold for a rule with more than `max` alerts on a day; returns undefined for any other rule.
 *
 * @param tried results of other thresholds, ascending
 */
export function suggestionOf(
  rule: Rule,
  own: RuleStatistics,
  tried: readonly ThresholdResult[],
  max: number,
): Suggestion | undefined {
  const { mostADay, keys } = own;
  if (mostADay <= max) return undefined;
  const found = tried.find(({ statistics }) => statistics.mostADay <= max);
  if (!found) return { rule, mostADay, keys, instead: undefined };
  const { threshold, statistics } = found;
  const lostKeys = own.keysWithout(statistics).length;
  return { rule, mostADay, keys, instead: { threshold, mostADay: statistics.mostADay, lostKeys } };
}
