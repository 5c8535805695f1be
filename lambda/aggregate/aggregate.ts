import { detachString } from '../common/detach-string.ts';
import { addQuantity, parseQuantity, type Quantity } from '../common/quantity.ts';
import { type CounterKey, counterKey, pairKey } from '../counters/counter-key.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { storedValue } from '../counters/distinct-value.ts';
import { contributionOf, isDuplicateObservation } from '../flow-log/contribution.ts';
import { pairOf } from '../flow-log/endpoints.ts';
import { type FieldReader, type Flow, fieldReader, timeOf } from '../flow-log/flow.ts';
import { scopeOfWords, scopeReader } from '../flow-log/scope.ts';
import type { LoadedRules, LoadedSeries } from '../rules/loaded.ts';
import { type CounterFactory, CounterMap } from './counter-map.ts';
import { DeltaBuilder } from './delta-builder.ts';
import {
  type CounterLimits,
  type CounterPlan,
  type CounterSize,
  counterLimits,
  type Excess,
  everyCounter,
  type OverflowPair,
  planCounters,
} from './overflow.ts';
import { isPlausible, noBounds, startOf, type TimeBounds } from './plausible-time.ts';
import { noRefusedLimits, type RefusedCounters, type RefusedCounts, refusedCounters } from './refused.ts';

/** A flow and the arrival time of its record in epoch seconds, which is the flow's time if its format has no `start` and `end`. */
export interface ArrivedFlow {
  readonly flow: Flow;
  readonly arrival: number;
}

/** The updates of a batch to the counters. */
export interface Aggregate {
  readonly deltas: readonly KeyDelta[];
  /** Number of groups other than pairs that a flood left uncounted. */
  readonly droppedGroups: number;
  /** Number of flows that end at an implausible time: they count in totals and in no window. */
  readonly implausibleTimes: number;
  /** Number of accepted flows that are left out, since another interface logs them too. */
  readonly duplicateObservations: number;
}

/** The flows of a batch, added up per counter but for the choice of counters. */
export interface Collected {
  /** Whether no flow belongs to a counter, such as in a batch of `NODATA` lines without a rule on them. */
  readonly isEmpty: boolean;
  /** The numbers of counters of refused sources: see refused.ts. */
  readonly refused: RefusedCounts;
  /** Chooses the counters. @param refusedLimits how many counters of refused sources are counted */
  aggregate(refusedLimits: RefusedCounts): Aggregate;
}

/**
 * Adds up the flows of a batch per counter, in one pass. The order of the flows matters only for the values that a full
 * set leaves out.
 *
 * A batch above the limits takes more passes: its counters are chosen by their sizes, since the builders of 200,000 pairs
 * would take 650 MB.
 *
 * @param bounds a flow that ends outside of them adds to its pair's totals, as seen at the arrival, and to no window
 */
export function collect(
  flows: readonly ArrivedFlow[],
  rules: LoadedRules,
  bounds: TimeBounds = noBounds,
  limits: CounterLimits = counterLimits,
): Collected {
  const builders = buildersBy(everyCounter, flows, rules, bounds, limits);
  const sizes = builders ?? sizesOf(flows, rules, bounds);
  const refused = refusedCounters(sizes, rules.insideNetworks);
  return {
    isEmpty: sizes.pairs.size === 0 && sizes.groupList.length === 0,
    refused: { pairs: refused.pairs.length, groups: refused.groups.length },
    aggregate(refusedLimits) {
      const excess = excessOf(refused, refusedLimits, flows, rules);
      if (builders && excess.pairs.size === 0 && excess.groups.length === 0) return aggregateOf(builders, everyCounter);
      const plan = planCounters(sizes, limits, excess);
      return aggregateOf(buildersBy(plan, flows, rules, bounds)!, plan);
    },
  };
}

/** Adds up the flows of a batch per counter, without a budget for refused sources: see collect. */
export function aggregate(...args: Parameters<typeof collect>): Aggregate {
  return collect(...args).aggregate(noRefusedLimits);
}

/** Makes the builders of a batch's counters; undefined if the counters exceed the limits (default: none). */
function buildersBy(
  plan: CounterPlan,
  flows: readonly ArrivedFlow[],
  rules: LoadedRules,
  bounds: TimeBounds,
  limits?: CounterLimits,
): CounterMap<DeltaBuilder> | undefined {
  const builders = new CounterMap(buildersOf(plan));
  return addFlows(flows, rules, bounds, builders, limits) ? builders : undefined;
}

function sizesOf(flows: readonly ArrivedFlow[], rules: LoadedRules, bounds: TimeBounds): CounterMap<SizeSum> {
  const sizes = new CounterMap(sizesOfCounters);
  addFlows(flows, rules, bounds, sizes);
  return sizes;
}

/** Returns the counters of refused sources above the limits, with the port of each pair. */
function excessOf(
  refused: RefusedCounters,
  limits: RefusedCounts,
  flows: readonly ArrivedFlow[],
  { scope }: LoadedRules,
): Excess {
  const scopeOf = scopeReader(scope);
  const names = new Set(refused.pairs.slice(limits.pairs));
  const pairs = new Map<string, string | undefined>();
  if (names.size > 0) {
    for (const { flow } of flows) {
      const pair = pairOf(flow);
      if (pair === undefined) continue;
      const name = pair + scopeOf(flow);
      if (!names.has(name)) continue;
      const port = portOf(flow);
      pairs.set(name, pairs.has(name) && pairs.get(name) !== port ? undefined : port);
    }
  }
  return { pairs, groups: refused.groups.slice(limits.groups) };
}

const portOf = fieldReader('dstport');

/** Where the flows of one counter are added up. */
type FlowSink = Pick<DeltaBuilder, 'addContribution' | 'addToSeries'>;

/** Adds flows to their counters. Returns false, with a part of them added, if the counters exceed the limits. */
function addFlows(
  flows: readonly ArrivedFlow[],
  rules: LoadedRules,
  bounds: TimeBounds,
  counters: CounterMap<FlowSink>,
  { pairs: maxPairs, groups: maxGroups }: Pick<CounterLimits, 'pairs' | 'groups'> = unlimited,
): boolean {
  const scopeOf = scopeReader(rules.scope);
  const accountOf = scopeReader(rules.scope && 'account');
  for (const { flow, arrival } of flows) {
    const time = timeOf(flow) ?? arrival;
    const isInTime = isPlausible(time, arrival, bounds);
    if (!isInTime) counters.implausibleTimes += 1;
    const end = isInTime ? time : arrival;
    const start = isInTime ? startOf(flow, end) : arrival;
    const name = pairOf(flow);
    const contribution = name === undefined ? undefined : contributionOf(flow, rules.monitoredNetworks);
    const scope = scopeOf(flow);
    const pair = contribution && counters.ofPair(name! + scope);
    pair?.addContribution(contribution!, start, end);
    const isDuplicate = !pair && isDuplicateObservation(flow, rules.monitoredNetworks);
    if (isDuplicate) counters.duplicateObservations += 1;
    if (!isInTime || isDuplicate) continue;
    for (const series of rules.seriesOf(flow, time)) {
      const weight = weightOf(flow, series, end);
      if (weight === undefined) continue;
      if (pair && series.isOfPairs) pair.addToSeries(series, weight, flow, start, end);
      else {
        const values = readAll(series.groupReaders, flow);
        const ofGroup = isOfInterface(series) ? accountOf(flow) : scope;
        if (values) counters.ofGroup(series.groupBy, values, ofGroup)?.addToSeries(series, weight, flow, start, end);
      }
    }
    if (counters.pairs.size > maxPairs || counters.groupList.length > maxGroups) return false;
  }
  return true;
}

/**
 * Returns whether a series groups by nothing but the interface. An interface is in one VPC, and its records without flows
 * name no VPC: with the VPC in the scope, the silence of an interface would be another group than its flows.
 */
function isOfInterface({ groupBy }: LoadedSeries): boolean {
  return groupBy.length === 1 && groupBy[0] === 'interface-id';
}

const unlimited = { pairs: Number.POSITIVE_INFINITY, groups: Number.POSITIVE_INFINITY };

function aggregateOf(
  { pairs, groupList, implausibleTimes, duplicateObservations }: CounterMap<DeltaBuilder>,
  { droppedGroups }: CounterPlan,
): Aggregate {
  // The light pairs of an overflow counter share a builder.
  const builders = [...new Set(pairs.values()), ...groupList];
  return {
    deltas: builders.flatMap((builder) => builder.deltas()),
    droppedGroups: droppedGroups.values().reduce((sum, { size }) => sum + size, 0),
    implausibleTimes,
    duplicateObservations,
  };
}

/** Makes the builders of the counters that a plan chooses. */
function buildersOf({ overflow, droppedGroups }: CounterPlan): CounterFactory<DeltaBuilder> {
  const ofOverflow = new Map<OverflowPair, DeltaBuilder>();
  return {
    pair(name) {
      const shared = overflow.get(name);
      if (!shared) return new DeltaBuilder(keyOfPair(detachString(name)));
      const builder = ofOverflow.get(shared) ?? new DeltaBuilder(keyOfPair(shared.name), shared.pairs);
      ofOverflow.set(shared, builder);
      return builder;
    },
    group(groupBy, values, scope, name) {
      if (droppedGroups.get(groupBy.join())?.has(name)) return undefined;
      return new DeltaBuilder(counterKey(groupBy, values, scopeOfWords(scope.split(' ').slice(1))));
    },
  };
}

/** @param name the source, the target and the words of their scope, joined with a space */
function keyOfPair(name: string): CounterKey {
  const [src, dst, ...scope] = name.split(' ') as [string, string, ...string[]];
  return pairKey(src, dst, scopeOfWords(scope));
}

/** The size of a counter while flows are added: a hundredth of a builder. */
class SizeSum implements CounterSize, FlowSink {
  bytes: Quantity = 0;
  rejects = 0;
  flows = 0;
  readonly #isPair: boolean;

  constructor(isPair: boolean) {
    this.#isPair = isPair;
  }

  addContribution({ bytes, rejects }: { readonly bytes: Quantity; readonly rejects: number }): void {
    this.bytes = addQuantity(this.bytes, bytes);
    this.rejects += rejects;
    this.flows += 1;
  }

  addToSeries(): void {
    if (!this.#isPair) this.flows += 1;
  }
}

const sizesOfCounters: CounterFactory<SizeSum> = { pair: () => new SizeSum(true), group: () => new SizeSum(false) };

/** Returns the amount or value that a matching flow adds to the series; undefined if the flow lacks the field. */
function weightOf(flow: Flow, { measure, measureReaders }: LoadedSeries, end: number): Quantity | string | undefined {
  if (measure.kind === 'count' || measure.kind === 'presence') return 1;
  const read = measureReaders[0]!;
  if (measure.kind === 'sum') {
    const digits = read(flow);
    return digits === undefined ? undefined : parseQuantity(digits);
  }
  // A format without `end`, or with milliseconds, still counts the time that selects the slot.
  if (measure.field === 'end') return String(end);
  if (!measure.also) {
    const value = read(flow);
    return value === undefined ? undefined : storedValue(value);
  }
  const values = readAll(measureReaders, flow);
  return values && storedValue(JSON.stringify(values));
}

/** Reads fields of a flow; undefined if one of them is missing. */
function readAll(readers: readonly FieldReader[], flow: Flow): string[] | undefined {
  const values: string[] = [];
  for (const read of readers) {
    const value = read(flow);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
