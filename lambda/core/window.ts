import { plus, type Quantity } from './quantity.ts';

/** What a slot of time holds: a number, or the distinct values seen. */
export type SlotValue = Quantity | ReadonlySet<string>;

/** A stretch of time in epoch seconds: from the first second to the one after the last. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A window and what it adds up to. */
export interface WindowValue {
  readonly window: Window;
  readonly value: Quantity;
}

/** A slot is this part of a rule's timespan, rounded up to whole seconds; a window is one slot longer than that takes. */
export const slotsPerTimespan = 20;

/** The slot that a time lies in: the number of whole slots since the epoch. */
export function slotOf(seconds: number, slotSeconds: number): number {
  return Math.floor(seconds / slotSeconds);
}

/** How many slots a window has: as many as its timespan needs, and one, since it ends somewhere within its last. */
export function windowSlots(timespanSeconds: number, slotSeconds: number): number {
  return Math.ceil(timespanSeconds / slotSeconds) + 1;
}

/**
 * For how many slots an item keeps what a slot holds: two windows, so that a record that is one timespan late still finds
 * its own whole; and never less than a window and the quarter of an hour in which a failed batch is tried again.
 */
export function keptSlots(slotSeconds: number): number {
  const windowLength = slotsPerTimespan + 1;
  return windowLength + Math.max(windowLength, Math.ceil(retrySeconds / slotSeconds));
}

const retrySeconds = 900;

/**
 * The windows that hold a touched slot, in order of time; each ends with a slot that holds something, so none that could
 * hold more is left out.
 *
 * @param slots what each slot of the series holds, in any order
 * @param touched the slots that changed
 */
export function touchedWindows(
  slots: ReadonlyMap<number, SlotValue>,
  touched: readonly number[],
  timespanSeconds: number,
  slotSeconds: number,
): WindowValue[] {
  const length = windowSlots(timespanSeconds, slotSeconds);
  const filled = [...slots.keys()].sort((a, b) => a - b);
  const ends = filled.filter((last) => touched.some((slot) => slot <= last && slot > last - length));
  return ends.map((last) => {
    const within = filled.filter((slot) => slot <= last && slot > last - length);
    const window = { from: (last + 1 - length) * slotSeconds, to: (last + 1) * slotSeconds };
    return { value: valueOfSlots(within.map((slot) => slots.get(slot)!)), window };
  });
}

function valueOfSlots(values: readonly SlotValue[]): Quantity {
  const distinct = new Set<string>();
  let sum: Quantity = 0;
  for (const value of values) {
    if (typeof value === 'object') for (const one of value) distinct.add(one);
    else sum = plus(sum, value);
  }
  return plus(sum, distinct.size);
}
