import { createHash } from 'node:crypto';
import { detachString } from '../common/detach-string.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { type CounterKey, counterKey, pairKey } from '../counters/counter-key.ts';
import type { KeyDelta } from '../counters/delta.ts';
import { contributionOf, isDuplicateObservation } from '../flow-log/contribution.ts';
import { pairOf } from '../flow-log/endpoints.ts';
import { type FieldReader, type Flow, timeOf } from '../flow-log/flow.ts';
import type { LoadedRules, LoadedSeries } from '../rules/loaded.ts';
import { DeltaBuilder } from './delta-builder.ts';
import { boundCounters, type CounterLimits, counterLimits } from './overflow.ts';
import { isPlausible, noBounds, startOf, type TimeBounds } from './plausible-time.ts';

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
}

/**
 * Adds up the flows of a batch per counter, in one pass. The order of the flows matters only for the values that a full
 * set leaves out.
 *
 * @param bounds a flow that ends outside of them adds to its pair's totals, as seen at the arrival, and to no window
 */
export function aggregate(
  flows: Iterable<ArrivedFlow>,
  rules: LoadedRules,
  bounds: TimeBounds = noBounds,
  limits: CounterLimits = counterLimits,
): Aggregate {
  const builders = new Builders();
  let implausibleTimes = 0;
  for (const { flow, arrival } of flows) {
    const time = timeOf(flow) ?? arrival;
    const isInTime = isPlausible(time, arrival, bounds);
    if (!isInTime) implausibleTimes += 1;
    const end = isInTime ? time : arrival;
    const start = isInTime ? startOf(flow, end) : arrival;
    const name = pairOf(flow);
    const contribution = name === undefined ? undefined : contributionOf(flow, rules.monitoredNetworks);
    const pair = contribution && builders.ofPair(name!);
    pair?.addContribution(contribution!, start, end);
    if (!isInTime || (!pair && isDuplicateObservation(flow, rules.monitoredNetworks))) continue;
    for (const series of rules.seriesOf(flow, time)) {
      const weight = weightOf(flow, series, end);
      if (weight === undefined) continue;
      if (pair && series.isOfPairs) pair.addToSeries(series, weight, flow, start, end);
      else {
        const values = readAll(series.groupReaders, flow);
        if (values) builders.ofGroup(series.groupBy, values).addToSeries(series, weight, flow, start, end);
      }
    }
  }
  const bounded = boundCounters(builders.all(), limits);
  return {
    deltas: bounded.builders.flatMap((builder) => builder.deltas()),
    droppedGroups: bounded.droppedGroups,
    implausibleTimes,
  };
}

/** The builders of a batch by counter key, in the order of their first use. */
class Builders {
  readonly #byKey = new Map<string, DeltaBuilder>();
  // Looked up by the values joined with a space, which no value contains, so that no key is built per flow.
  readonly #ofPairs = new Map<string, DeltaBuilder>();
  readonly #ofGroups = new Map<readonly string[], Map<string, DeltaBuilder>>();

  /** @param name the source and the target, joined with a space */
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

/** Returns the amount or value that a matching flow adds to the series; undefined if the flow lacks the field. */
function weightOf(flow: Flow, { measure, measureReaders }: LoadedSeries, end: number): Quantity | string | undefined {
  if (measure.kind === 'count') return 1;
  const read = measureReaders[0]!;
  if (measure.kind === 'sum') {
    const digits = read(flow);
    return digits === undefined ? undefined : parseQuantity(digits);
  }
  // A format without `end`, or with milliseconds, still counts the time that selects the slot.
  if (measure.field === 'end') return String(end);
  if (!measure.also) return distinctValue(read(flow));
  const values = readAll(measureReaders, flow);
  return values && distinctValue(JSON.stringify(values));
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

/** Returns the value to add to a set. A long value is replaced by its hash, since a set's values count towards the item's size. */
function distinctValue(value: string | undefined): string | undefined {
  // A UTF-16 code unit has at most three bytes in UTF-8.
  if (value === undefined || value.length <= 33 || Buffer.byteLength(value) <= 100) return value;
  return createHash('sha256').update(value).digest('hex');
}
