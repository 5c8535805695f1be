import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeSlotsWithin,
  distinctWithin,
  retainedSlots,
  type SlotValue,
  slotOf,
  slotRangeOf,
  slotSecondsOf,
  touchedWindows,
  valueWithin,
  windowOf,
  windowSlots,
} from '../../../lambda/counters/window.ts';

const hour = 3600;
const slotSeconds = 180;

/** Finds the largest sum by a search over all windows of complete slots. */
function largestBySearch(slots: ReadonlyMap<number, SlotValue>, touched: readonly number[]): number {
  const length = windowSlots(hour, slotSeconds);
  const ends = [...slots.keys()].flatMap((slot) => Array.from({ length }, (_, n) => slot + n));
  const sums = ends
    .filter((end) => touched.some((slot) => slot > end - length && slot <= end))
    .map((end) => {
      let sum = 0;
      for (let slot = end - length + 1; slot <= end; slot += 1) sum += Number(slots.get(slot) ?? 0);
      return sum;
    });
  return Math.max(...sums);
}

describe('windowSlots', () => {
  it('covers the timespan, and at most two slots more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 604_800 }), fc.nat(4_000_000_000), (timespan, end) => {
        const seconds = Math.ceil(timespan / 20);
        const first = slotOf(end, seconds) - windowSlots(timespan, seconds) + 1;
        const covered = end - first * seconds;
        expect(covered).toBeGreaterThanOrEqual(timespan);
        expect(covered).toBeLessThan(timespan + 2 * seconds);
      }),
    );
  });
});

describe('slotSecondsOf', () => {
  it('returns a twentieth of the timespan in whole seconds, rounded up', () => {
    expect([1, 20, 21, 60, 3600, 3601].map(slotSecondsOf)).toEqual([1, 1, 2, 3, 180, 181]);
  });
});

describe('slotRangeOf', () => {
  it('returns the slots whose window windowOf returns', () => {
    const slot = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(slot, fc.nat(100), fc.integer({ min: 1, max: 4320 }), (first, more, seconds) => {
        const range = { first, last: first + more };
        expect(slotRangeOf(windowOf(range, seconds), seconds)).toEqual(range);
      }),
    );
  });

  it('includes the slots that a window covers in part', () => {
    expect(slotRangeOf({ from: 179, to: 361 }, 180)).toEqual({ first: 0, last: 2 });
    expect(slotRangeOf({ from: 180, to: 360 }, 180)).toEqual({ first: 1, last: 1 });
  });
});

describe('valueWithin and distinctWithin', () => {
  const sums = new Map<number, SlotValue>([
    [1, 10],
    [2, 20],
    [3, 30],
    [4, 40],
  ]);
  const sets = new Map<number, SlotValue>([
    [1, new Set(['a'])],
    [2, new Set(['b', 'c'])],
    [3, new Set(['c', 'd'])],
    [4, new Set(['e'])],
  ]);

  it('include the first and the last slot of a range, and no other', () => {
    expect(valueWithin([sums], { first: 2, last: 3 })).toBe(50);
    expect(valueWithin([sets], { first: 2, last: 3 })).toBe(3);
    expect(distinctWithin([sets], { first: 2, last: 3 })).toEqual(new Set(['b', 'c', 'd']));
  });

  it('combine several series, and have no distinct values of sums', () => {
    expect(valueWithin([sums, sums], { first: 4, last: 4 })).toBe(80);
    expect(valueWithin([sets, new Map([[4, new Set(['e', 'f'])]])], { first: 4, last: 4 })).toBe(2);
    expect(distinctWithin([sums, sets], { first: 1, last: 1 })).toEqual(new Set(['a']));
    expect(distinctWithin([sums], { first: 0, last: 9 })).toEqual(new Set());
    expect(valueWithin([], { first: 0, last: 9 })).toBe(0);
  });
});

describe('activeSlotsWithin', () => {
  it('counts the slots of a range in which any series holds something, and each once', () => {
    const a = new Map<number, SlotValue>([1, 2, 4].map((slot) => [slot, 1]));
    const b = new Map<number, SlotValue>([2, 3, 9].map((slot) => [slot, 7]));
    expect(activeSlotsWithin([a, b], { first: 1, last: 4 })).toBe(4);
    expect(activeSlotsWithin([a, b], { first: 2, last: 2 })).toBe(1);
    expect(activeSlotsWithin([a], { first: 5, last: 9 })).toBe(0);
    expect(activeSlotsWithin([], { first: 0, last: 9 })).toBe(0);
  });
});

describe('retainedSlots', () => {
  it.each([
    ['a minute', 3, 21 + 300],
    ['a quarter of an hour', 45, 21 + 20],
    ['half an hour', 90, 21 + 20],
    ['an hour', 180, 21 + 10],
    ['six hours', 1080, 21 + 2],
    ['a day', 4320, 21 + 1],
  ])('retains a window and the allowed lateness for a timespan of %s', (_, slotSeconds, retained) => {
    expect(retainedSlots(slotSeconds)).toBe(retained);
    expect(retainedSlots(slotSeconds, 2)).toBe(retained + 21);
  });
});

/** Finds the window with the largest value among those that depend on a changed slot; of two equal ones, the later. */
function largestWindow(slots: ReadonlyMap<number, SlotValue>, touched: readonly number[]) {
  const ranges = touchedWindows(slots.keys(), touched, windowSlots(hour, slotSeconds));
  const windows = ranges.map((range) => ({ window: windowOf(range, slotSeconds), value: valueWithin([slots], range) }));
  return windows.toSorted((a, b) => Number(b.value) - Number(a.value) || b.window.to - a.window.to)[0];
}

describe('touchedWindows', () => {
  it('finds the largest value that a search over all windows finds', () => {
    const slots = fc.dictionary(fc.integer({ min: 0, max: 80 }).map(String), fc.nat(1000), { minKeys: 1 });
    fc.assert(
      fc.property(slots, fc.infiniteStream(fc.boolean()), (filled, choices) => {
        const map = new Map(Object.entries(filled).map(([slot, value]) => [Number(slot), value]));
        const touched = [...map.keys()].filter(() => choices.next().value);
        fc.pre(touched.length > 0);
        expect(largestWindow(map, touched)?.value).toBe(largestBySearch(map, touched));
      }),
    );
  });

  it('finds a burst across the full hour', () => {
    const ten = 10 * 20;
    const slots = new Map([
      [ten - 1, 6],
      [ten, 5],
    ]);
    expect(largestWindow(slots, [ten])).toMatchObject({ value: 11 });
  });

  it('finds an earlier window when a late record completes it', () => {
    const slots = new Map([
      [100, 5],
      [110, 6],
      [140, 1],
    ]);
    expect(largestWindow(slots, [100])).toEqual({
      value: 11,
      window: { from: 90 * 180, to: 111 * 180 },
    });
  });

  it('ignores a window without a changed slot', () => {
    const slots = new Map([
      [0, 100],
      [50, 1],
    ]);
    expect(largestWindow(slots, [50])).toMatchObject({ value: 1 });
  });

  it('counts a distinct value once when two slots hold it', () => {
    const slots = new Map([
      [1, new Set(['a', 'b'])],
      [2, new Set(['b', 'c'])],
    ]);
    expect(largestWindow(slots, [2])).toMatchObject({ value: 3 });
  });

  it('adds up without rounding when the sum exceeds a double', () => {
    const slots = new Map<number, SlotValue>([
      [1, Number.MAX_SAFE_INTEGER],
      [2, 2],
    ]);
    expect(largestWindow(slots, [2])).toMatchObject({ value: 9_007_199_254_740_993n });
  });

  it('returns no window when no slot changed', () => {
    expect(largestWindow(new Map([[1, 1]]), [])).toBeUndefined();
  });
});
