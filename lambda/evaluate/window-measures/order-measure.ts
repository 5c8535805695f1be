import type { SlotRange } from '../../counters/window.ts';
import type { TemporalPart } from '../../rules/model.ts';
import { type CounterState, hasFullSet, slotsOf } from './counter-state.ts';
import { occurs } from './temporal-measure.ts';
import { type Condition, type CorrelationWith, isOver, type WindowMeasure } from './window-measure.ts';

/**
 * Measures `temporal_ordered`: the number of parts, from the first on, that occur one after the other.
 * Times are end times of flows, in whole seconds. In a slot with more times than a counter stores, and for a
 * correlation as a part, any second of the slot counts; the value is then a bound.
 */
export class OrderMeasure implements WindowMeasure {
  readonly value: number;
  readonly isLowerBound: boolean;
  readonly #condition: Condition;

  constructor({ parts }: CorrelationWith<'parts'>, condition: Condition, range: SlotRange, state: CounterState) {
    this.#condition = condition;
    let after = Number.NEGATIVE_INFINITY;
    let value = 0;
    let isLowerBound = false;
    // Each part takes its earliest time after the part before it, which finds an order if there is one.
    for (const part of parts) {
      const earliest = earliestAfter(after, occurrencesOf(part, range, state));
      if (!earliest) break;
      isLowerBound ||= !earliest.isExact;
      after = earliest.at;
      value += 1;
    }
    this.value = value;
    this.isLowerBound = isLowerBound;
  }

  exceeds(multiple: number): boolean {
    return isOver(this.value, this.#condition, multiple);
  }
}

/** A time in epoch seconds; if only the slot is known, any time from the earliest to the latest second. */
interface Occurrence {
  readonly earliest: number;
  readonly latest: number;
}

function earliestAfter(
  after: number,
  occurrences: readonly Occurrence[],
): { readonly at: number; readonly isExact: boolean } | undefined {
  let best: { at: number; isExact: boolean } | undefined;
  for (const { earliest, latest } of occurrences) {
    const at = Math.max(earliest, after + 1);
    if (at <= latest && (!best || at < best.at)) best = { at, isExact: earliest === latest };
  }
  return best;
}

function occurrencesOf(part: TemporalPart, { first, last }: SlotRange, state: CounterState): Occurrence[] {
  const ids = 'times' in part ? [part.times] : part.correlation.series;
  const slotSeconds = state.series.get(ids[0]!)?.slotSeconds ?? 1;
  const anyTimeIn = (slot: number) => ({ earliest: slot * slotSeconds, latest: (slot + 1) * slotSeconds - 1 });
  const filled = new Set(slotsOf(ids, state).flatMap((slots) => [...slots.keys()]));
  return [...filled].flatMap((slot): Occurrence[] => {
    if (slot < first || slot > last) return [];
    if ('times' in part) {
      const times = [...((state.slots.get(part.times)?.get(slot) as ReadonlySet<string> | undefined) ?? [])].map(
        Number,
      );
      const exact = times.map((time) => ({ earliest: time, latest: time }));
      return hasFullSet(ids, { first: slot, last: slot }, state) ? [...exact, anyTimeIn(slot)] : exact;
    }
    const windowUntil = { first: slot - (last - first), last: slot };
    return occurs(part, windowUntil, state) ? [anyTimeIn(slot)] : [];
  });
}
