import type { RuleStatistics } from './rule-statistics.ts';

/** A rule and key that only one of two rule sets alerts for, and how often it does. */
export interface KeyDifference {
  readonly rule: string;
  readonly key: Readonly<Record<string, string>>;
  readonly alerts: number;
}

/** What judging by other rules changes. */
export interface Comparison {
  /** Every rule of either set, by name. */
  readonly rules: readonly {
    readonly rule: string;
    /** Undefined where the set has no such rule. */
    readonly alerts: number | undefined;
    readonly otherAlerts: number | undefined;
    readonly addedKeys: number;
    readonly removedKeys: number;
  }[];
  readonly added: readonly KeyDifference[];
  readonly removed: readonly KeyDifference[];
}

type StatisticsByRule = ReadonlyMap<string, RuleStatistics>;

/** Compares the alerts of a rule set, rule by rule, with those of another over the same records. */
export function comparisonOf(tallies: StatisticsByRule, others: StatisticsByRule): Comparison {
  const names = [...new Set([...tallies.keys(), ...others.keys()])].sort();
  const only = (rule: string, here: StatisticsByRule, there: StatisticsByRule): KeyDifference[] => {
    const own = here.get(rule);
    const other = there.get(rule);
    const found = own && other ? own.keysWithout(other) : (own?.top(Number.POSITIVE_INFINITY) ?? []);
    return found.map((one) => ({ rule, ...one }));
  };
  const added = names.flatMap((rule) => only(rule, others, tallies));
  const removed = names.flatMap((rule) => only(rule, tallies, others));
  return {
    rules: names.map((rule) => ({
      rule,
      alerts: tallies.get(rule)?.alerts,
      otherAlerts: others.get(rule)?.alerts,
      addedKeys: added.filter((one) => one.rule === rule).length,
      removedKeys: removed.filter((one) => one.rule === rule).length,
    })),
    added,
    removed,
  };
}
