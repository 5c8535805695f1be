import { createHash } from 'node:crypto';
import type { LoadedRules, LoadedSeries } from '../sigma/load.ts';
import { type CounterLimits, collapse, counterLimits } from './collapse.ts';
import { type CounterKey, counterKey, pairKey } from './counter-key.ts';
import { DeltaBuilder, type KeyDelta } from './delta-builder.ts';
import { countedValue } from './ends.ts';
import { type Flow, quantityOf, secondsOf, timeOf } from './flow.ts';
import type { Quantity } from './quantity.ts';
import { isSecondSighting, tallyOf } from './tally.ts';

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
  const builders = new Map<string, DeltaBuilder>();
  const builder = (key: CounterKey) => {
    const known = builders.get(key.pk);
    if (known) return known;
    const created = new DeltaBuilder(key);
    builders.set(key.pk, created);
    return created;
  };
  for (const { flow, arrival } of flows) {
    const said = timeOf(flow) ?? arrival;
    const end = Math.min(said, present);
    const start = Math.min(secondsOf(flow, 'start') ?? end, end);
    const tally = tallyOf(flow, rules.monitoredNetworks);
    if (tally) builder(pairKey(tally.src, tally.dst)).addTally(tally, start, end);
    if (said > present || (!tally && isSecondSighting(flow, rules.monitoredNetworks))) continue;
    for (const series of rules.series.values()) {
      if (!series.matches(flow, said)) continue;
      const values = series.groupFields.map((name) => countedValue(flow, name));
      const weight = weightOf(flow, series, end);
      if (weight === undefined || !values.every((value) => value !== undefined)) continue;
      builder(counterKey(series.groupBy, values)).addToSeries(series, weight, flow, start, end);
    }
  }
  const collapsed = collapse(builders.values(), limits);
  return {
    deltas: collapsed.builders.flatMap((built) => built.deltas()),
    droppedGroups: collapsed.droppedGroups,
  };
}

/** What a matching flow adds to the series; undefined when its format or record does not have the field. */
function weightOf(flow: Flow, { measure }: LoadedSeries, end: number): Quantity | string | undefined {
  switch (measure.kind) {
    case 'count':
      return 1;
    case 'sum':
      return quantityOf(flow, measure.field);
    case 'distinct': {
      // The time of a flow that has none, or has it in milliseconds, is still the one that its slot is found by.
      if (measure.field === 'end') return String(end);
      if (!measure.also) return distinctValue(countedValue(flow, measure.field));
      const values = [measure.field, ...measure.also].map((name) => countedValue(flow, name));
      return values.includes(undefined) ? undefined : distinctValue(JSON.stringify(values));
    }
  }
}

/** A set's values take room in the item: of a long one, its hash is kept, which tells values apart as well. */
function distinctValue(value: string | undefined): string | undefined {
  if (value === undefined || Buffer.byteLength(value) <= 100) return value;
  return createHash('sha256').update(value).digest('hex');
}
