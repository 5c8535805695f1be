import type { KeyAlerts, RuleStatistics } from './rule-statistics.ts';

/** A rule and key for which only one of two rule sets alerts, with the number of alerts. */
export interface KeyDifference extends KeyAlerts {
  readonly rule: string;
}

/** Differences between the alerts of two rule sets. */
export interface Comparison {
  /** Every rule of either set, in the order of their names. */
  readonly rules: readonly {
    readonly rule: string;
    /** Number of alerts; undefined if the rule is not in the set. */
    readonly alerts: number | undefined;
    readonly otherAlerts: number | undefined;
    readonly addedKeys: number;
    readonly removedKeys: number;
  }[];
  readonly added: readonly KeyDifference[];
  readonly removed: readonly KeyDifference[];
}

type StatisticsByRule = ReadonlyMap<string, RuleStatistics>;

/** Compares the alerts of two rule sets on the same records, rule by rule. */
export function comparisonOf(current: StatisticsByRule, other: StatisticsByRule): Comparison {
  const names = [...new Set([...current.keys(), ...other.keys()])].sort();
  const keysOnlyIn = (rule: string, set: StatisticsByRule, otherSet: StatisticsByRule): KeyDifference[] => {
    const own = set.get(rule);
    const others = otherSet.get(rule);
    const found = own && others ? own.keysWithout(others) : (own?.top(Number.POSITIVE_INFINITY) ?? []);
    return found.map((one) => ({ rule, ...one }));
  };
  const added = names.flatMap((rule) => keysOnlyIn(rule, other, current));
  const removed = names.flatMap((rule) => keysOnlyIn(rule, current, other));
  return {
    rules: names.map((rule) => ({
      rule,
      alerts: current.get(rule)?.alerts,
      otherAlerts: other.get(rule)?.alerts,
      addedKeys: added.filter((one) => one.rule === rule).length,
      removedKeys: removed.filter((one) => one.rule === rule).length,
    })),
    added,
    removed,
  };
}
