import type { FlowColumns } from '../flow-log/flow-columns.ts';
import { PairNumbers } from '../flow-log/pair-numbers.ts';
import type { LoadedSeries, MatchedFlows, SeriesMatcher } from './loaded.ts';
import type { Lookups } from './match.ts';
import { type Partition, partitionsOf } from './partition.ts';

/** Flows have few combinations of classes; the limit bounds the memory after a flood of others. */
const maxCombinations = 20_000;

/**
 * Makes the function that finds the series of flows. Each field that predicates test divides the flows into classes, and
 * flows of the same class in each field match the same series: only the first of them runs the predicates. So a flow takes
 * one step for each tested field, for any number of rules.
 *
 * @throws FlowError `CONFIG_INVALID` if a predicate refers to an unknown list
 */
export function seriesMatcher(allSeries: readonly LoadedSeries[], lookups: Lookups): SeriesMatcher {
  let state = newState(allSeries, lookups);
  return (columns) => {
    if (state.combinations > maxCombinations) state = newState(allSeries, lookups);
    return match(columns, allSeries, state);
  };
}

interface State {
  /** For each tested field, the partition, and the numbers of combinations of its classes with the fields before. */
  readonly levels: readonly { readonly partition: Partition; readonly combined: PairNumbers }[];
  /** The number of combinations of all levels. */
  combinations: number;
  /** For each combination of the last level, an index in `matches`. */
  readonly matchOf: number[];
  readonly matches: (readonly LoadedSeries[])[];
  /** The index of each list of series, by their indexes in the rule set. */
  readonly indexes: Map<string, number>;
}

function newState(allSeries: readonly LoadedSeries[], lookups: Lookups): State {
  const predicates = allSeries.map(({ where }) => where);
  const levels = partitionsOf(predicates, lookups).map((partition) => ({ partition, combined: new PairNumbers() }));
  return { levels, combinations: 0, matchOf: [], matches: [], indexes: new Map() };
}

function match(columns: FlowColumns, allSeries: readonly LoadedSeries[], state: State): MatchedFlows {
  const classes = new Int32Array(columns.length);
  const combinations = new Int32Array(columns.length);
  for (const { partition, combined } of state.levels) {
    partition(columns, classes);
    const before = combined.size;
    for (let row = 0; row < classes.length; row += 1)
      combinations[row] = combined.numberOf(combinations[row]!, classes[row]!);
    state.combinations += combined.size - before;
  }
  for (let row = 0; row < combinations.length; row += 1) {
    state.matchOf[combinations[row]!] ??= indexOfMatch(columns, row, allSeries, state);
    combinations[row] = state.matchOf[combinations[row]!]!;
  }
  return { matchOf: combinations, matches: state.matches };
}

/** Runs the predicates of all series for one flow. */
function indexOfMatch(
  { rows, times }: FlowColumns,
  row: number,
  allSeries: readonly LoadedSeries[],
  state: State,
): number {
  const flow = rows.flow(row);
  const series = allSeries.filter((one) => one.matches(flow, times[row]));
  const name = series.map(({ id }) => id).join();
  const index = state.indexes.get(name) ?? state.matches.push(series) - 1;
  state.indexes.set(name, index);
  return index;
}
