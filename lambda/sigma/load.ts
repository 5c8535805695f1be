import type { Network } from '../core/address.ts';
import type { Rule, RuleSet, Series } from './compiled.ts';
import { allSeriesOf } from './correlation.ts';
import { type Matcher, matcher } from './match.ts';

/** A series and the function that knows its flows. */
export interface LoadedSeries extends Series {
  readonly matches: Matcher;
}

/** A rule set that is ready to run. */
export interface LoadedRules {
  readonly series: ReadonlyMap<string, LoadedSeries>;
  /** The rules by their names. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The rules that judge a series, by its id. */
  readonly rulesOf: ReadonlyMap<string, readonly Rule[]>;
  readonly monitoredNetworks: readonly Network[];
  /** Whether some rule must know since when flows are seen. */
  readonly learns: boolean;
}

/** Makes a compiled rule set ready to run. */
export function loadRules(ruleSet: RuleSet): LoadedRules {
  const series = ruleSet.series.map((one): [string, LoadedSeries] => [one.id, { ...one, matches: matcher(one.where) }]);
  return {
    series: new Map(series),
    rules: new Map(ruleSet.rules.map((rule) => [rule.name, rule])),
    rulesOf: rulesBySeries(ruleSet.rules),
    monitoredNetworks: ruleSet.monitoredNetworks,
    learns: ruleSet.rules.some(({ extension }) => extension.firstSeen !== undefined),
  };
}

function rulesBySeries(rules: readonly Rule[]): Map<string, Rule[]> {
  const bySeries = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const id of allSeriesOf(rule)) {
      const known = bySeries.get(id);
      if (known) known.push(rule);
      else bySeries.set(id, [rule]);
    }
  }
  return bySeries;
}
