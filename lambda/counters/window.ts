import { addQuantity, type Quantity } from '../common/quantity.ts';

/** The value of a time slot: a sum, or the distinct values seen. */
export type SlotValue = Quantity | ReadonlySet<string>;

/** A period in epoch seconds; `to` is exclusive. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The slots of a window, from first to last, both included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** The values of a series by slot. */
export type Slots = ReadonlyMap<number, SlotValue>;

/** The number of slots in a rule's timespan. A slot has whole seconds, rounded up; a window is one slot longer than the timespan. */
export const slotsPerTimespan = 20;

/** Returns the slot that contains a time: the number of complete slots since the epoch. */
export function slotOf(seconds: number, slotSeconds: number): number {
  return Math.floor(seconds / slotSeconds);
}

/** Returns the length of a slot for a rule's timespan, in seconds. */
export function slotSecondsOf(timespanSeconds: number): number {
  return Math.ceil(timespanSeconds / slotsPerTimespan);
}

/** Returns the number of slots in a window: those of its timespan, plus one because it ends within its last slot. */
export function windowSlots(timespanSeconds: number, slotSeconds: number): number {
  return Math.ceil(timespanSeconds / slotSeconds) + 1;
}

/**
 * Returns the number of slots that an item retains: one window plus the allowed lateness, which covers capture, delivery
 * and retries. The allowed lateness is one timespan, at least 15 and at most 30 minutes.
 *
 * @param windows number of consecutive windows that a rule reads: 2 if the window before counts too
 * @param lateEventSeconds how late an event may be that a rule reads besides: the windows before it must still be there
 */
export function retainedSlots(slotSeconds: number, windows: 1 | 2 = 1, lateEventSeconds = 0): number {
  const lateFlowSeconds = Math.min(maxLateSeconds, Math.max(minLateSeconds, slotsPerTimespan * slotSeconds));
  const lateSeconds = Math.max(lateFlowSeconds, lateEventSeconds);
  return windows * (slotsPerTimespan + 1) + Math.ceil(lateSeconds / slotSeconds);
}

const minLateSeconds = 900;
const maxLateSeconds = 1800;

/**
 * Returns the windows that depend on a changed slot, in order of time. Each window ends with a filled slot: any other
 * window holds no more than one of these.
 *
 * @param filled slots with a value, in any order
 * @param touched slots that changed
 * @param length number of slots in a window
 * @param dependentSlots number of slots, from a changed slot on, whose windows depend on it: `length`, or more if a rule
 * also reads the window before
 */
export function touchedWindows(
  filled: Iterable<number>,
  touched: readonly number[],
  length: number,
  dependentSlots: number = length,
): SlotRange[] {
  const ends = new Set<number>();
  const earliest = Math.min(...touched);
  for (const last of filled) {
    if (last >= earliest && touched.some((slot) => slot <= last && slot > last - dependentSlots)) ends.add(last);
  }
  return [...ends].sort((a, b) => a - b).map((last) => ({ first: last - length + 1, last }));
}

/** Returns the start and the end of a window. */
export function windowOf({ first, last }: SlotRange, slotSeconds: number): Window {
  return { from: first * slotSeconds, to: (last + 1) * slotSeconds };
}

/** Returns the slots of a window: the inverse of windowOf. */
export function slotRangeOf({ from, to }: Window, slotSeconds: number): SlotRange {
  return { first: Math.floor(from / slotSeconds), last: Math.ceil(to / slotSeconds) - 1 };
}

/** Returns the sum over a window, or the number of distinct values in it. */
export function valueWithin(series: readonly Slots[], { first, last }: SlotRange): Quantity {
  let distinct: Set<string> | undefined;
  let sum: Quantity = 0;
  for (const slots of series) {
    for (const [slot, value] of slots) {
      if (slot < first || slot > last) continue;
      if (typeof value !== 'object') sum = addQuantity(sum, value);
      else {
        distinct ??= new Set();
        for (const element of value) distinct.add(element);
      }
    }
  }
  return addQuantity(sum, distinct?.size ?? 0);
}

/** Returns the number of slots of a window in which any of the series holds something. */
export function activeSlotsWithin(series: readonly Slots[], { first, last }: SlotRange): number {
  const active = new Set<number>();
  for (const slots of series) for (const slot of slots.keys()) if (slot >= first && slot <= last) active.add(slot);
  return active.size;
}

/** Returns the distinct values in a window: see valueWithin. */
export function distinctWithin(series: readonly Slots[], { first, last }: SlotRange): Set<string> {
  const distinct = new Set<string>();
  for (const slots of series) {
    for (const [slot, value] of slots) {
      if (slot < first || slot > last || typeof value !== 'object') continue;
      for (const element of value) distinct.add(element);
    }
  }
  return distinct;
}
