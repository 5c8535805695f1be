import { addQuantity, type Quantity } from '../common/quantity.ts';

/** What a slot of time holds: a number, or the distinct values seen. */
export type SlotValue = Quantity | ReadonlySet<string>;

/** A stretch of time in epoch seconds: from the first second to the one after the last. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A window as the slots that it is made of, both ends included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** What the slots of a series hold. */
export type Slots = ReadonlyMap<number, SlotValue>;

/** A slot is this part of a rule's timespan, rounded up to whole seconds; a window is one slot longer than that takes. */
export const slotsPerTimespan = 20;

/** The slot that a time lies in: the number of whole slots since the epoch. */
export function slotOf(seconds: number, slotSeconds: number): number {
  return Math.floor(seconds / slotSeconds);
}

/** How long a slot of a rule's timespan is, in seconds. */
export function slotSecondsOf(timespanSeconds: number): number {
  return Math.ceil(timespanSeconds / slotsPerTimespan);
}

/** How many slots a window has: as many as its timespan needs, and one, since it ends somewhere within its last. */
export function windowSlots(timespanSeconds: number, slotSeconds: number): number {
  return Math.ceil(timespanSeconds / slotSeconds) + 1;
}

/**
 * For how many slots an item keeps what a slot holds: a window, and as many as a record may be late for others of its key
 * and still find its own whole. That is half an hour: so long a flow is captured and delivered, and its batch tried
 * again. For timespans of less it is one of them, and never less than a quarter of an hour.
 *
 * @param windows how many windows, one before the other, a rule looks at: two where what lies before a window counts too
 */
export function retainedSlots(slotSeconds: number, windows: 1 | 2 = 1): number {
  const lateSeconds = Math.min(maxLateSeconds, Math.max(minLateSeconds, slotsPerTimespan * slotSeconds));
  return windows * (slotsPerTimespan + 1) + Math.ceil(lateSeconds / slotSeconds);
}

const minLateSeconds = 900;
const maxLateSeconds = 1800;

/**
 * The windows that hold a touched slot, in order of time; each ends with a slot that holds something, so none that could
 * hold more is left out.
 *
 * @param filled the slots that hold something, in any order
 * @param touched the slots that changed
 * @param length how many slots a window has
 * @param dependentSlots how many slots, from a touched one on, are ends of windows that depend on it: as many as a window has, or
 * more where what lies before a window counts too
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

/** When a window begins and ends. */
export function windowOf({ first, last }: SlotRange, slotSeconds: number): Window {
  return { from: first * slotSeconds, to: (last + 1) * slotSeconds };
}

/** What slots within a window add up to, or how many distinct values they hold together. */
export function valueWithin(series: readonly Slots[], { first, last }: SlotRange): Quantity {
  let distinct: Set<string> | undefined;
  let sum: Quantity = 0;
  for (const slots of series) {
    for (const [slot, value] of slots) {
      if (slot < first || slot > last) continue;
      if (typeof value !== 'object') sum = addQuantity(sum, value);
      else {
        distinct ??= new Set();
        for (const one of value) distinct.add(one);
      }
    }
  }
  return addQuantity(sum, distinct?.size ?? 0);
}
