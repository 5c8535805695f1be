import type { Quantity } from '../common/quantity.ts';
import { storedValue } from '../counters/distinct-value.ts';
import { contribution, contributionColumn, isPartOfPair } from '../flow-log/contribution-column.ts';
import { noCode } from '../flow-log/dictionary.ts';
import { type FlowColumns, noNumber, numberAt } from '../flow-log/flow-columns.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import { scopeCodes } from '../flow-log/scope.ts';
import { measuredFields } from '../rules/correlation.ts';
import type { LoadedRules, LoadedSeries, MatchedFlows } from '../rules/loaded.ts';
import { isPlausible, isWrongStart, type TimeBounds } from './plausible-time.ts';

/** The columns that decide where the flows of a batch count. */
export class CountedFlows {
  readonly columns: FlowColumns;
  readonly bounds: TimeBounds;
  readonly src: Int32Array;
  readonly dst: Int32Array;
  /** What each flow is for its pair: see contributionColumn. */
  readonly contributions: Uint8Array;
  /** Codes of the words of the scope, and of its account alone. */
  readonly scope: Int32Array;
  readonly account: Int32Array;
  readonly matched: MatchedFlows;

  constructor(columns: FlowColumns, rules: LoadedRules, bounds: TimeBounds) {
    this.columns = columns;
    this.bounds = bounds;
    this.src = columns.endpoints('srcaddr');
    this.dst = columns.endpoints('dstaddr');
    this.contributions = contributionColumn(columns, rules.monitoredNetworks);
    this.scope = scopeCodes(columns, rules.scope);
    this.account = scopeCodes(columns, rules.scope && 'account');
    this.matched = rules.match(columns);
  }
}

/** Where the flows of one counter are added up. */
export interface FlowSink {
  /** Adds the flow of a row to the totals of a pair. @param start,end epoch seconds */
  addContribution(bytes: Quantity, rejects: number, start: number, end: number, row: number): void;
  /** Adds the flow of a row to a series. @param weight an amount, or a value of a series of distinct values */
  addToSeries(
    series: LoadedSeries,
    weight: Quantity | string,
    start: number,
    end: number,
    rows: FlowRows,
    row: number,
  ): void;
}

/**
 * Where the flows of a batch are added, by the codes of a counter's values: see CountersByCode. `Groups` is what stands for
 * the groups of a series.
 */
export interface FlowSinks<Groups> {
  ofPair(src: number, dst: number, scope: number): FlowSink | undefined;
  groupsBy(groupBy: readonly string[]): Groups;
  ofGroup(groups: Groups, values: readonly Int32Array[], row: number, scope: number): FlowSink | undefined;
}

/** The numbers of flows that are not added as they are. */
export interface FlowExceptions {
  /** Flows that end at an implausible time. */
  readonly implausibleTimes: number;
  /** Accepted flows that are left out, since another interface logs them too. */
  readonly duplicateObservations: number;
}

/**
 * Adds flows to their counters, one after the other.
 *
 * @param isFull ends the work early, with a part of the flows added (default: never)
 * @param some the rows to add (default: all)
 * @returns undefined if the work ended early
 */
export function addFlows<Groups>(
  { columns, bounds, src, dst, contributions, scope, account, matched }: CountedFlows,
  sinks: FlowSinks<Groups>,
  isFull: () => boolean = () => false,
  some?: readonly number[],
): FlowExceptions | undefined {
  const { rows, times } = columns;
  const starts = columns.seconds('start');
  const bytes = columns.numbers('bytes');
  const targetOf = seriesTargets(columns, sinks, scope, account);
  const targets: (readonly SeriesTarget<Groups>[])[] = [];
  let [implausibleTimes, duplicateObservations] = [0, 0];
  const length = some ? some.length : rows.length;
  for (let index = 0; index < length; index += 1) {
    const row = some ? some[index]! : index;
    const arrival = rows.arrival[row]!;
    const isInTime = isPlausible(times[row]!, arrival, bounds);
    if (!isInTime) implausibleTimes += 1;
    const end = isInTime ? times[row]! : arrival;
    const isStart = isInTime && starts[row] !== noNumber && !isWrongStart(starts[row]!, end);
    const start = isStart ? starts[row]! : end;
    const what = contributions[row]!;
    const pair = isPartOfPair(what) ? sinks.ofPair(src[row]!, dst[row]!, scope[row]!) : undefined;
    if (what === contribution.reject) pair?.addContribution(0, 1, start, end, row);
    else if (what === contribution.bytes) pair?.addContribution(numberAt(bytes, row)!, 0, start, end, row);
    else if (what === contribution.duplicate) duplicateObservations += 1;
    if (!isInTime || what === contribution.duplicate) continue;
    const match = matched.matchOf[row]!;
    targets[match] ??= matched.matches[match]!.map(targetOf);
    for (const { series, groups, values, scopes, weightOf } of targets[match]) {
      const weight = weightOf(row, end);
      if (weight === undefined) continue;
      const counter = pair && series.isOfPairs ? pair : sinks.ofGroup(groups, values, row, scopes[row]!);
      counter?.addToSeries(series, weight, start, end, rows, row);
    }
    if (isFull()) return undefined;
  }
  return { implausibleTimes, duplicateObservations };
}

/** Where the flows of a batch add to a series. */
interface SeriesTarget<Groups> {
  readonly series: LoadedSeries;
  readonly groups: Groups;
  /** For each field that groups have, the codes of the flows. */
  readonly values: readonly Int32Array[];
  /** Codes of the words of the flows' scope. */
  readonly scopes: Int32Array;
  readonly weightOf: WeightOf;
}

/** Makes a function that returns the target of a series, one for each series of a batch. */
function seriesTargets<Groups>(
  columns: FlowColumns,
  sinks: FlowSinks<Groups>,
  scope: Int32Array,
  account: Int32Array,
): (series: LoadedSeries) => SeriesTarget<Groups> {
  const known = new Map<LoadedSeries, SeriesTarget<Groups>>();
  return (series) => {
    const target = known.get(series) ?? {
      series,
      groups: sinks.groupsBy(series.groupBy),
      values: series.groupFields.map((name) => columns.endpoints(name)),
      scopes: isOfInterface(series) ? account : scope,
      weightOf: weightReader(series, columns),
    };
    known.set(series, target);
    return target;
  };
}

/**
 * Returns whether a series groups by nothing but the interface. An interface is in one VPC, and its records without flows
 * name no VPC: with the VPC in the scope, the silence of an interface would be another group than its flows.
 */
function isOfInterface({ groupBy }: LoadedSeries): boolean {
  return groupBy.length === 1 && groupBy[0] === 'interface-id';
}

/** Returns the amount or value that the flow of a row adds to a series; undefined if the flow lacks the field. */
type WeightOf = (row: number, end: number) => Quantity | string | undefined;

function weightReader(series: LoadedSeries, columns: FlowColumns): WeightOf {
  const { measure } = series;
  if (measure.kind === 'count' || measure.kind === 'presence') return () => 1;
  if (measure.kind === 'sum') {
    const numbers = columns.numbers(measure.field);
    return (row) => numberAt(numbers, row);
  }
  // A format without `end`, or with milliseconds, still counts the time that selects the slot.
  if (measure.field === 'end') return (_, end) => String(end);
  const { dictionary } = columns;
  const measured = measuredFields(series).map((name) => columns.endpoints(name));
  const [codes, ...others] = measured;
  if (others.length === 0) {
    return (row) => {
      const value = dictionary.textOf(codes![row]!);
      return value === undefined ? undefined : storedValue(value);
    };
  }
  return (row) => {
    if (measured.some((column) => column[row] === noCode)) return undefined;
    return storedValue(JSON.stringify(measured.map((column) => dictionary.textOf(column[row]!))));
  };
}
