import type { Quantity } from '../common/quantity.ts';
import { type SlotRange, type Slots, valueWithin } from '../counters/window.ts';
import { seriesOf } from '../rules/correlation.ts';
import type { LoadedSeries } from '../rules/loaded.ts';
import type { Part, Rule } from '../rules/model.ts';

/** What a rule finds in one window of one key. */
export interface WindowResult {
  /** The correlation's value; of a percentile its least possible one, of a temporal correlation how many rules matched. */
  readonly value: Quantity;
  /** Whether the value, or the order, is a bound: there may be more than is kept. */
  readonly isLowerBound: boolean;
  /** The largest of 1 and the rule's escalation at which it is over its threshold; undefined where it is not. */
  readonly multiple: number | undefined;
}

/** The series of a key, and how each is kept. */
export interface CounterState {
  readonly slots: ReadonlyMap<string, Slots>;
  readonly series: ReadonlyMap<string, LoadedSeries>;
}

const nothing: Slots = new Map();

/** Judges one window of a key's series by a rule. */
export function evaluateWindow(rule: Rule, range: SlotRange, kept: CounterState): WindowResult {
  const measured = measureWindow(rule, range, kept);
  const holds = measured.exceeds(1) && extensionHolds(rule, range, kept);
  const steps = rule.threshold > 0 ? rule.escalate : [];
  const multiple = holds ? [1, ...steps].findLast(measured.exceeds) : undefined;
  return { value: measured.value, isLowerBound: measured.isLowerBound, multiple };
}

/** What all slots of series that are kept come to. */
export interface UpperBound {
  readonly filled: number;
  /** No window holds more; infinite where it is more than a number holds. */
  readonly value: number;
}

/**
 * Whether any window of a key's series may be over the rule's threshold; false only where none is. Most keys are far from
 * it, and all that is kept of them comes to less than one window would have to.
 */
export function couldExceed(rule: Rule, kept: Pick<CounterState, 'slots'>): boolean {
  const { correlation, extension } = rule;
  if ('parts' in correlation) {
    const most = correlation.parts.filter((part) => mayOccur(part, kept)).length;
    return exceeds(most, rule.comparison, rule.threshold);
  }
  if (!('series' in correlation)) return true;
  const most = upperBound(correlation.series, kept);
  return most.filled >= (extension.activeSlots ?? 0) && reachesThreshold(rule, most);
}

/** Whether so much would be over the threshold. */
export function reachesThreshold(
  { comparison, threshold }: Pick<Rule, 'comparison' | 'threshold'>,
  most: UpperBound,
): boolean {
  return exceeds(most.value, comparison, threshold);
}

export function upperBound(series: readonly string[], { slots }: Pick<CounterState, 'slots'>): UpperBound {
  let filled = 0;
  let value = 0;
  for (const id of series) {
    for (const held of slots.get(id)?.values() ?? []) {
      filled += 1;
      if (typeof held === 'bigint') value = Number.POSITIVE_INFINITY;
      else value += typeof held === 'object' ? held.size : Math.max(0, held);
    }
  }
  return { filled, value: value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value };
}

function mayOccur(part: Part, kept: Pick<CounterState, 'slots'>): boolean {
  if ('times' in part) return upperBound([part.times], kept).value > 0;
  return reachesThreshold(part, upperBound(part.correlation.series, kept));
}

interface WindowMeasure {
  readonly value: Quantity;
  readonly isLowerBound: boolean;
  exceeds(multiple: number): boolean;
}

function measureWindow(rule: Rule, range: SlotRange, kept: CounterState): WindowMeasure {
  const { correlation, comparison, threshold } = rule;
  const isOver = (value: Quantity) => (multiple: number) => exceeds(value, comparison, threshold * multiple);
  switch (correlation.type) {
    case 'event_count':
    case 'value_sum':
    case 'value_count': {
      const value = valueWithin(slotsOf(correlation.series, kept), range);
      return { value, isLowerBound: isFull(correlation.series, range, kept), exceeds: isOver(value) };
    }
    case 'value_avg': {
      const sum = valueWithin(slotsOf(correlation.sums, kept), range);
      const count = valueWithin(slotsOf(correlation.counts, kept), range);
      if (count === 0) return { value: 0, isLowerBound: false, exceeds: () => false };
      const value = typeof sum === 'bigint' ? sum / BigInt(count) : Math.floor(sum / Number(count));
      return {
        value,
        isLowerBound: false,
        exceeds: (multiple) => averageExceeds(sum, count, comparison, threshold * multiple),
      };
    }
    case 'value_percentile': {
      const above = Number(valueWithin(slotsOf(correlation.above, kept), range));
      const all = Number(valueWithin(slotsOf(correlation.all, kept), range));
      // The nearest rank is ceil(percentile * all / 100). Whole numbers, since 99.9 * 1000 is not 99900.
      const thousandths = Math.round(correlation.percentile * 1000);
      const value = comparison === 'gt' ? threshold + 1 : threshold;
      return { value, isLowerBound: true, exceeds: () => (all - above) * 100_000 < thousandths * all };
    }
    case 'temporal': {
      const value = correlation.parts.filter((part) => occurs(part, range, kept)).length;
      return { value, isLowerBound: false, exceeds: isOver(value) };
    }
    case 'temporal_ordered': {
      const { value, isBound } = inOrder(correlation.parts, range, kept);
      return { value, isLowerBound: isBound, exceeds: isOver(value) };
    }
  }
}

function slotsOf(ids: readonly string[], { slots }: Pick<CounterState, 'slots'>): Slots[] {
  return ids.map((id) => slots.get(id) ?? nothing);
}

function exceeds(value: Quantity, comparison: 'gt' | 'gte', threshold: number): boolean {
  return comparison === 'gt' ? value > threshold : value >= threshold;
}

/** Whether sum / count is over the threshold, without rounding where the threshold is a whole number. */
function averageExceeds(sum: Quantity, count: Quantity, comparison: 'gt' | 'gte', threshold: number): boolean {
  if (!Number.isSafeInteger(threshold)) return exceeds(Number(sum) / Number(count), comparison, threshold);
  const needed = BigInt(threshold) * BigInt(count);
  return comparison === 'gt' ? BigInt(sum) > needed : BigInt(sum) >= needed;
}

/** Whether some set of distinct values within the window is full, so that there may be more of them. */
function isFull(ids: readonly string[], { first, last }: SlotRange, { slots, series }: CounterState): boolean {
  return ids.some((id) => {
    const measure = series.get(id)?.measure;
    if (measure?.kind !== 'distinct') return false;
    return [...(slots.get(id) ?? nothing)].some(
      ([slot, value]) => slot >= first && slot <= last && typeof value === 'object' && value.size >= measure.cap,
    );
  });
}

/** Whether one of a temporal correlation's parts is there within a window. */
export function occurs(part: Part, range: SlotRange, kept: Pick<CounterState, 'slots'>): boolean {
  if ('times' in part) return valueWithin(slotsOf([part.times], kept), range) > 0;
  return exceeds(valueWithin(slotsOf(part.correlation.series, kept), range), part.comparison, part.threshold);
}

/** A time in epoch seconds, or, where only the slot is known, any time from one second to another. */
interface Occurrence {
  readonly earliest: number;
  readonly latest: number;
}

/**
 * How many of the parts occur one after the other, from the first on. Each takes the earliest time that it can after the
 * one before, which finds an order where there is one. Times are those at which flows ended, to the second; where a slot
 * holds more of them than are kept, and for a correlation within this one, any time in the slot will do.
 */
function inOrder(parts: readonly Part[], range: SlotRange, kept: CounterState): { value: number; isBound: boolean } {
  let after = Number.NEGATIVE_INFINITY;
  let isBound = false;
  for (const [index, part] of parts.entries()) {
    let best: { at: number; isExact: boolean } | undefined;
    for (const { earliest, latest } of occurrences(part, range, kept)) {
      const at = Math.max(earliest, after + 1);
      if (at <= latest && (!best || at < best.at)) best = { at, isExact: earliest === latest };
    }
    if (!best) return { value: index, isBound };
    isBound ||= !best.isExact;
    after = best.at;
  }
  return { value: parts.length, isBound };
}

function occurrences(part: Part, { first, last }: SlotRange, kept: CounterState): Occurrence[] {
  const ids = 'times' in part ? [part.times] : part.correlation.series;
  const slotSeconds = kept.series.get(ids[0]!)?.slotSeconds ?? 1;
  const wholeSlot = (slot: number) => ({ earliest: slot * slotSeconds, latest: (slot + 1) * slotSeconds - 1 });
  const filled = new Set(slotsOf(ids, kept).flatMap((slots) => [...slots.keys()]));
  return [...filled].flatMap((slot): Occurrence[] => {
    if (slot < first || slot > last) return [];
    if ('times' in part) {
      const times = [...((kept.slots.get(part.times)?.get(slot) as ReadonlySet<string> | undefined) ?? [])].map(Number);
      const exact = times.map((time) => ({ earliest: time, latest: time }));
      return isFull(ids, { first: slot, last: slot }, kept) ? [...exact, wholeSlot(slot)] : exact;
    }
    const within = { first: slot - (last - first), last: slot };
    return occurs(part, within, kept) ? [wholeSlot(slot)] : [];
  });
}

/** Whether a window is what the rule's own block asks for besides. What it asks of the counter is judged there. */
function extensionHolds(rule: Rule, range: SlotRange, kept: CounterState): boolean {
  const { activeSlots, slotMost, slotSpread } = rule.extension;
  if (!isSilent(rule, range, kept)) return false;
  if (activeSlots === undefined && slotMost === undefined && slotSpread === undefined) return true;
  const active = new Map<number, Quantity>();
  const series = slotsOf(seriesOf(rule.correlation), kept);
  for (const slots of series) {
    for (const [slot, value] of slots) {
      if (slot < range.first || slot > range.last || active.has(slot)) continue;
      const isAlone = series.length === 1 && typeof value !== 'object';
      active.set(slot, isAlone ? value : valueWithin(series, { first: slot, last: slot }));
    }
  }
  if (activeSlots !== undefined && active.size < activeSlots) return false;
  if (slotMost !== undefined && active.values().some((value) => value > slotMost)) return false;
  if (slotSpread === undefined) return true;
  const whole = [...active].flatMap(([slot, value]) =>
    slot === range.first || slot === range.last ? [] : Number(value),
  );
  return Math.max(...whole) <= slotSpread * Math.min(...whole);
}

/** Whether a rule's flows have stopped before the end of a window as it asks, where it does. */
export function isSilent({ correlation, extension: { silent } }: Rule, range: SlotRange, kept: CounterState): boolean {
  if (!silent) return true;
  if (!kept.slots.get(silent.while)?.has(range.last)) return false;
  const slotSeconds = kept.series.get(silent.while)?.slotSeconds ?? 1;
  // Whole slots lie between the last one that holds something and the open one, so silence is never shorter than asked.
  const latest = range.last - 1 - Math.ceil(silent.forSeconds / slotSeconds);
  for (const slots of slotsOf(seriesOf(correlation), kept)) {
    for (const slot of slots.keys()) if (slot >= range.first && slot <= range.last && slot > latest) return false;
  }
  return true;
}
