import { isOfPairs } from '../counters/counter-key.ts';
import { RuleIndex } from '../evaluate/candidate-rules.ts';
import { countedReader } from '../flow-log/endpoints.ts';
import type { FieldReader } from '../flow-log/flow.ts';
import type { Network } from '../networks/ip-address.ts';
import { unpacked } from '../networks/network-entry.ts';
import { NetworkTable } from '../networks/network-table.ts';
import { windowsOf } from './correlation.ts';
import { type Lists, type Matcher, matcher } from './match.ts';
import type { AppliedFilter, Rule, RuleSet, S3Object, Series } from './model.ts';
import { type SeriesMatcher, seriesMatcher } from './series-matcher.ts';

/** A series and the function that knows its flows. */
export interface LoadedSeries extends Series {
  readonly matches: Matcher;
  /** Read the fields that it groups by, in their order, and those that it measures. */
  readonly groupReaders: readonly FieldReader[];
  readonly measureReaders: readonly FieldReader[];
  /** Whether it is kept with the counters of pairs, by the very fields that make a pair. */
  readonly isOfPairs: boolean;
  /** How many windows, one before the other, its rules look at. */
  readonly windows: 1 | 2;
}

/** A named list that is ready to be looked up. */
export interface LoadedList {
  readonly name: string;
  readonly s3?: S3Object;
  /** What the list says now: replaced when its object in S3 has changed. Empty until one that is only there is read. */
  current: NetworkTable;
}

/** A rule set that is ready to run. */
export interface LoadedRules {
  readonly series: ReadonlyMap<string, LoadedSeries>;
  /** The series that a flow belongs to: those that match it. */
  readonly seriesOf: SeriesMatcher;
  /** The rules by their names. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The same, by what is kept of a counter: those that it may be over the threshold of. */
  readonly index: RuleIndex;
  readonly filters: readonly AppliedFilter[];
  readonly monitoredNetworks: readonly Network[];
  /** Whether some rule must know since when flows are seen. */
  readonly learns: boolean;
  /** The named lists by their names, in the order of their file. */
  readonly lists: ReadonlyMap<string, LoadedList>;
}

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
    index: new RuleIndex(ruleSet.rules),
    filters: ruleSet.filters,
    monitoredNetworks: ruleSet.monitoredNetworks,
    learns: ruleSet.rules.some(({ extension }) => extension.firstSeen !== undefined),
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
    groupReaders: groupFields.map(countedReader),
    measureReaders: measured.map(countedReader),
    isOfPairs: isOfPairs(groupBy) && groupFields.every((name, index) => name === groupBy[index]),
  };
}
