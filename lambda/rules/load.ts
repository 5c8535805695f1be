import { Dictionary } from '../flow-log/dictionary.ts';
import { FlowColumns } from '../flow-log/flow-columns.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import { type CurrentRegions, RegionCodes } from '../flow-log/region-fields.ts';
import { tagKeysByField } from '../flow-log/tag-fields.ts';
import type { Network } from '../networks/ip-address.ts';
import { unpackEntry } from '../networks/network-entry.ts';
import { NetworkTable } from '../networks/network-table.ts';
import { isOfPairs, lateEventSecondsOf, learningName, windowCount } from './correlation.ts';
import { eventSeriesOf } from './event-series.ts';
import type { LoadedList, LoadedRules, LoadedSeries } from './loaded.ts';
import { type Lookups, matcher } from './match.ts';
import type { Rule, RuleSet, Series } from './model.ts';
import { seriesMatcher } from './series-matcher.ts';

/**
 * Loads a compiled rule set: builds its matchers, readers and network tables.
 *
 * @param current the regions of addresses (default: unknown)
 * @throws FlowError `CONFIG_INVALID` if a rule refers to an unknown list
 */
export function loadRules(ruleSet: RuleSet, current?: CurrentRegions['current']): LoadedRules {
  const lists = new Map(
    ruleSet.lists.map(({ name, s3, entries }): [string, LoadedList] => {
      return [name, { name, ...(s3 && { s3 }), current: new NetworkTable(entries.map(unpackEntry)) }];
    }),
  );
  const regions: CurrentRegions = { current };
  const lookups = { lists, regions };
  const series = ruleSet.series.map((compiled): [string, LoadedSeries] => {
    return [compiled.id, loadSeries(compiled, ruleSet.rules, lookups)];
  });
  return {
    series: new Map(series),
    columnsOf: columnMaker(regions),
    match: seriesMatcher(
      series.flatMap(([, loaded]) => (loaded.source ? [] : loaded)),
      lookups,
    ),
    eventSeries: eventSeriesOf(
      series.map(([, loaded]) => loaded),
      ruleSet.rules,
      lookups,
    ),
    rules: new Map(ruleSet.rules.map((rule) => [rule.name, rule])),
    off: ruleSet.off ?? [],
    filters: ruleSet.filters,
    monitoredNetworks: ruleSet.monitoredNetworks,
    insideNetworks: insideNetworksOf(ruleSet),
    scope: ruleSet.scope,
    tagKeys: tagKeysByField(ruleSet.tagFields ?? {}),
    learningNames: learningNamesOf(ruleSet.rules),
    regions,
    lists,
  };
}

/** Returns the internal and the monitored networks of a rule set. */
export function insideNetworksOf({ internalNetworks, monitoredNetworks }: InsideNetworks): Network[] {
  return [...internalNetworks, ...monitoredNetworks];
}

type InsideNetworks = Pick<RuleSet, 'internalNetworks' | 'monitoredNetworks'>;

function loadSeries(series: Series, rules: readonly Rule[], lookups: Lookups): LoadedSeries {
  const { id, source, where, groupBy, groupFields } = series;
  return {
    ...series,
    matches: source ? () => false : matcher(where, lookups),
    windows: windowCount(id, rules),
    lateEventSeconds: lateEventSecondsOf(id, rules),
    isOfPairs: isOfPairs(groupBy) && groupFields.every((name, index) => name === groupBy[index]),
  };
}

function learningNamesOf(rules: readonly Rule[]): string[] {
  const learning = rules.filter(({ extension }) => extension.firstSeen !== undefined);
  return [...new Set(learning.map(learningName))];
}

/** Makes columns with the codes of one dictionary, which is replaced between two batches once it is large. */
function columnMaker(regions: CurrentRegions): LoadedRules['columnsOf'] {
  const regionCodes = new RegionCodes(regions);
  let dictionary: Dictionary | undefined;
  return (rows: FlowRows) => {
    if (!dictionary || dictionary.isLarge) dictionary = new Dictionary();
    return new FlowColumns(rows, dictionary, regionCodes);
  };
}
