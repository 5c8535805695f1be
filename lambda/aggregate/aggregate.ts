import { detachString } from '../common/detach-string.ts';
import { addQuantity, type Quantity } from '../common/quantity.ts';
import type { KeyDelta } from '../counters/delta.ts';
import type { FlowColumns } from '../flow-log/flow-columns.ts';
import { type ArrivedFlow, rowsOf } from '../flow-log/flow-rows.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import { addFlows, CountedFlows, type FlowExceptions, type FlowSink } from './add-flows.ts';
import { CounterMap } from './counter-map.ts';
import { type CounterFactory, keyOfGroup, keyOfPair } from './counters-by-code.ts';
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
import { noBounds, type TimeBounds } from './plausible-time.ts';
import { noRefusedLimits, type RefusedCounters, type RefusedCounts, refusedCounters } from './refused.ts';

/** The updates of a batch to the counters. */
export interface Aggregate extends FlowExceptions {
  readonly deltas: readonly KeyDelta[];
  /** Number of groups other than pairs that a flood left uncounted. */
  readonly droppedGroups: number;
}

/** The flows of a batch, added up per counter but for the choice of counters. */
export interface Collected {
  /** Whether no flow belongs to a counter, such as in a batch of `NODATA` lines without a rule on them. */
  readonly isEmpty: boolean;
  /** The numbers of counters of refused sources: see refused.ts. */
  readonly refused: RefusedCounts;
  /** What each flow is for its pair, by row: see contributionColumn. */
  readonly contributions: Uint8Array;
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
 * @param columns of the dictionary of the rules: see LoadedRules
 * @param bounds a flow that ends outside of them adds to its pair's totals, as seen at the arrival, and to no window
 */
export function collect(
  columns: FlowColumns,
  rules: LoadedRules,
  bounds: TimeBounds = noBounds,
  limits: CounterLimits = counterLimits,
): Collected {
  const flows = new CountedFlows(columns, rules, bounds);
  const built = buildersBy(everyCounter, flows, limits);
  const sizes = built?.builders ?? sizesOf(flows);
  const refused = refusedCounters(sizes, rules.insideNetworks);
  return {
    isEmpty: sizes.pairs.size === 0 && sizes.groupList.length === 0,
    refused: { pairs: refused.pairs.length, groups: refused.groups.length },
    contributions: flows.contributions,
    aggregate(refusedLimits) {
      const excess = excessOf(refused, refusedLimits, flows);
      if (built && excess.pairs.size === 0 && excess.groups.length === 0) return aggregateOf(built, everyCounter);
      const plan = planCounters(sizes, limits, excess);
      return aggregateOf(buildersBy(plan, flows)!, plan);
    },
  };
}

/** Adds up separate flows per counter, without a budget for refused sources: see collect. */
export function aggregate(
  flows: Iterable<ArrivedFlow>,
  rules: LoadedRules,
  bounds?: TimeBounds,
  limits?: CounterLimits,
): Aggregate {
  return collect(rules.columnsOf(rowsOf(flows)), rules, bounds, limits).aggregate(noRefusedLimits);
}

/** The builders of a batch's counters. */
interface BuiltCounters {
  readonly builders: CounterMap<DeltaBuilder>;
  readonly exceptions: FlowExceptions;
}

/** Makes the builders of a batch's counters; undefined if the counters exceed the limits (default: none). */
function buildersBy(plan: CounterPlan, flows: CountedFlows, limits?: CounterLimits): BuiltCounters | undefined {
  const builders = new CounterMap(buildersOf(plan), flows.columns.dictionary);
  const isFull = () =>
    limits !== undefined && (builders.pairs.size > limits.pairs || builders.groupList.length > limits.groups);
  const exceptions = addFlows(flows, builders.byCode, isFull);
  return exceptions && { builders, exceptions };
}

function sizesOf(flows: CountedFlows): CounterMap<SizeSum> {
  const sizes = new CounterMap(sizesOfCounters, flows.columns.dictionary);
  addFlows(flows, sizes.byCode);
  return sizes;
}

/** Returns the counters of refused sources above the limits, with the port of each pair. */
function excessOf(refused: RefusedCounters, limits: RefusedCounts, { columns, src, dst, scope }: CountedFlows): Excess {
  const names = new Set(refused.pairs.slice(limits.pairs));
  const pairs = new Map<string, string | undefined>();
  if (names.size > 0) {
    const { dictionary } = columns;
    const ports = columns.codes('dstport');
    for (let row = 0; row < columns.length; row += 1) {
      const name = `${dictionary.textOf(src[row]!)} ${dictionary.textOf(dst[row]!)}${dictionary.textOf(scope[row]!) ?? ''}`;
      if (!names.has(name)) continue;
      const port = dictionary.textOf(ports[row]!);
      pairs.set(name, pairs.has(name) && pairs.get(name) !== port ? undefined : port);
    }
  }
  return { pairs, groups: refused.groups.slice(limits.groups) };
}

function aggregateOf(
  { builders: { pairs, groupList }, exceptions }: BuiltCounters,
  { droppedGroups }: CounterPlan,
): Aggregate {
  // The light pairs of an overflow counter share a builder.
  const builders = [...new Set(pairs.values()), ...groupList];
  return {
    deltas: builders.flatMap((builder) => builder.deltas()),
    droppedGroups: droppedGroups.values().reduce((sum, { size }) => sum + size, 0),
    ...exceptions,
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
      return new DeltaBuilder(keyOfGroup(groupBy, values, scope));
    },
  };
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

  addContribution(bytes: Quantity, rejects: number): void {
    this.bytes = addQuantity(this.bytes, bytes);
    this.rejects += rejects;
    this.flows += 1;
  }

  addToSeries(): void {
    if (!this.#isPair) this.flows += 1;
  }
}

const sizesOfCounters: CounterFactory<SizeSum> = { pair: () => new SizeSum(true), group: () => new SizeSum(false) };
