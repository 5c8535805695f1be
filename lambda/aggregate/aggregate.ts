import { createHash } from 'node:crypto';
import { detachString } from '../common/detach-string.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { type CounterKey, counterKey, pairKey } from '../counters/counter-key.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { contributionOf, isDuplicateObservation } from '../flow-log/contribution.ts';
import { pairOf } from '../flow-log/endpoints.ts';
import { type FieldReader, type Flow, secondsOf, timeOf } from '../flow-log/flow.ts';
import type { LoadedRules, LoadedSeries } from '../rules/loaded.ts';
import { DeltaBuilder } from './delta-builder.ts';
import { boundCounters, type CounterLimits, counterLimits } from './overflow.ts';

/** A flow and when its record came in, in epoch seconds: the time of a flow whose format has no `start` and `end`. */
export interface ArrivedFlow {
  readonly flow: Flow;
  readonly arrival: number;
}

/** What a batch adds to the counters, and how many groups other than pairs a flood kept from being counted. */
export interface Aggregate {
  readonly deltas: readonly KeyDelta[];
  readonly droppedGroups: number;
}

/**
 * What the flows of a batch add to each counter, in one pass. The order of the flows matters only to what a full set
 * leaves out.
 *
 * @param present the latest time that a flow can have, in epoch seconds: one that ends later adds to its pair's totals,
 * as seen at the present, and to no window
 */
export function aggregate(
  flows: Iterable<ArrivedFlow>,
  rules: LoadedRules,
  present: number = Number.POSITIVE_INFINITY,
  limits: CounterLimits = counterLimits,
): Aggregate {
  const builders = new Builders();
  for (const { flow, arrival } of flows) {
    const said = timeOf(flow) ?? arrival;
    const end = Math.min(said, present);
    const start = Math.min(secondsOf(flow, 'start') ?? end, end);
    const name = pairOf(flow);
    const amounts = name === undefined ? undefined : contributionOf(flow, rules.monitoredNetworks);
    const pair = amounts && builders.ofPair(name!);
    pair?.addContribution(amounts!, start, end);
    if (said > present || (!pair && isDuplicateObservation(flow, rules.monitoredNetworks))) continue;
    for (const series of rules.seriesOf(flow, said)) {
      const weight = weightOf(flow, series, end);
      if (weight === undefined) continue;
      if (pair && series.isOfPairs) pair.addToSeries(series, weight, flow, start, end);
      else {
        const values = readAll(series.groupReaders, flow);
        if (values) builders.ofGroup(series.groupBy, values).addToSeries(series, weight, flow, start, end);
      }
    }
  }
  const collapsed = boundCounters(builders.all(), limits);
  return {
    deltas: collapsed.builders.flatMap((built) => built.deltas()),
    droppedGroups: collapsed.droppedGroups,
  };
}

/** The builders of a batch by what their counters are kept for; in the order in which they were first asked for. */
class Builders {
  readonly #byKey = new Map<string, DeltaBuilder>();
  // By their values, with a blank between, which no value holds: a key is not made for each flow.
  readonly #ofPairs = new Map<string, DeltaBuilder>();
  readonly #ofGroups = new Map<readonly string[], Map<string, DeltaBuilder>>();

  /** @param name the source and the target, with a blank between */
  ofPair(name: string): DeltaBuilder {
    const known = this.#ofPairs.get(name);
    if (known) return known;
    const builder = this.#ofKey(pairKey(...(detachString(name).split(' ') as [string, string])));
    this.#ofPairs.set(name, builder);
    return builder;
  }

  ofGroup(groupBy: readonly string[], values: readonly string[]): DeltaBuilder {
    const group = this.#ofGroups.get(groupBy) ?? new Map<string, DeltaBuilder>();
    if (group.size === 0) this.#ofGroups.set(groupBy, group);
    const name = values.length === 1 ? values[0]! : values.join(' ');
    const known = group.get(name);
    if (known) return known;
    const builder = this.#ofKey(counterKey(groupBy, values));
    group.set(name, builder);
    return builder;
  }

  all(): Iterable<DeltaBuilder> {
    return this.#byKey.values();
  }

  #ofKey(key: CounterKey): DeltaBuilder {
    const builder = this.#byKey.get(key.pk) ?? new DeltaBuilder(key);
    this.#byKey.set(key.pk, builder);
    return builder;
  }
}

/** What a matching flow adds to the series; undefined when its format or record does not have the field. */
function weightOf(flow: Flow, { measure, measureReaders }: LoadedSeries, end: number): Quantity | string | undefined {
  if (measure.kind === 'count') return 1;
  const read = measureReaders[0]!;
  if (measure.kind === 'sum') {
    const digits = read(flow);
    return digits === undefined ? undefined : parseQuantity(digits);
  }
  // The time of a flow that has none, or has it in milliseconds, is still the one that its slot is found by.
  if (measure.field === 'end') return String(end);
  if (!measure.also) return distinctValue(read(flow));
  const values = readAll(measureReaders, flow);
  return values && distinctValue(JSON.stringify(values));
}

/** The fields of a flow; undefined when one is not available. */
function readAll(readers: readonly FieldReader[], flow: Flow): string[] | undefined {
  const values: string[] = [];
  for (const read of readers) {
    const value = read(flow);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** A set's values take room in the item: of a long one, its hash is kept, which tells values apart as well. */
function distinctValue(value: string | undefined): string | undefined {
  // A character has three bytes at most.
  if (value === undefined || value.length <= 33 || Buffer.byteLength(value) <= 100) return value;
  return createHash('sha256').update(value).digest('hex');
}
