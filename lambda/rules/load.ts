import { endpointReader } from '../flow-log/endpoints.ts';
import { unpacked } from '../networks/network-entry.ts';
import { NetworkTable } from '../networks/network-table.ts';
import { isOfPairs, windowsOf } from './correlation.ts';
import type { LoadedList, LoadedRules, LoadedSeries } from './loaded.ts';
import { type Lists, matcher } from './match.ts';
import type { Rule, RuleSet, Series } from './model.ts';
import { seriesMatcher } from './series-matcher.ts';

/**
 * Makes a compiled rule set ready to run.
 *
 * @throws FlowError `CONFIG_INVALID` when a rule refers to a list that is not there
 */
export function loadRules(ruleSet: RuleSet): LoadedRules {
  const lists = new Map(
    ruleSet.lists.map(({ name, s3, entries }): [string, LoadedList] => {
      return [name, { name, ...(s3 && { s3 }), current: new NetworkTable(entries.map(unpacked)) }];
    }),
  );
  const series = ruleSet.series.map((one): [string, LoadedSeries] => [one.id, loadSeries(one, ruleSet.rules, lists)]);
  return {
    series: new Map(series),
    seriesOf: seriesMatcher(
      series.map(([, one]) => one),
      lists,
    ),
    rules: new Map(ruleSet.rules.map((rule) => [rule.name, rule])),
    filters: ruleSet.filters,
    monitoredNetworks: ruleSet.monitoredNetworks,
    needsFirstSeen: ruleSet.rules.some(({ extension }) => extension.firstSeen !== undefined),
    lists,
  };
}

function loadSeries(series: Series, rules: readonly Rule[], lists: Lists): LoadedSeries {
  const { id, where, groupBy, groupFields, measure } = series;
  const measured = measure.kind === 'count' ? [] : [measure.field, ...('also' in measure ? (measure.also ?? []) : [])];
  return {
    ...series,
    matches: matcher(where, lists),
    windows: windowsOf(id, rules),
    groupReaders: groupFields.map(endpointReader),
    measureReaders: measured.map(endpointReader),
    isOfPairs: isOfPairs(groupBy) && groupFields.every((name, index) => name === groupBy[index]),
  };
}
