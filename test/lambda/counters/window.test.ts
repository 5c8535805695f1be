import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  retainedSlots,
  type SlotValue,
  slotOf,
  touchedWindows,
  valueWithin,
  windowOf,
  windowSlots,
} from '../../../lambda/counters/window.ts';

const hour = 3600;
const slotSeconds = 180;

/** The obvious way: try every window of whole slots that there is, add up what lies in it. */
function fullestBySearch(slots: ReadonlyMap<number, SlotValue>, touched: readonly number[]): number {
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

describe('a window', () => {
  it('is never shorter than its timespan, and at most a slot longer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 604_800 }), fc.nat(4_000_000_000), (timespan, end) => {
        const seconds = Math.ceil(timespan / 20);
        const first = slotOf(end, seconds) - windowSlots(timespan, seconds) + 1;
        const reach = end - first * seconds;
        expect(reach).toBeGreaterThanOrEqual(timespan);
        expect(reach).toBeLessThan(timespan + 2 * seconds);
      }),
    );
  });
});

describe('the slots that are kept', () => {
  it.each([
    ['a minute', 3, 21 + 300],
    ['a quarter of an hour', 45, 21 + 20],
    ['half an hour', 90, 21 + 20],
    ['an hour', 180, 21 + 10],
    ['six hours', 1080, 21 + 2],
    ['a day', 4320, 21 + 1],
  ])('of %s are a window, and those by which a record may be late', (_, slotSeconds, kept) => {
    expect(retainedSlots(slotSeconds)).toBe(kept);
    expect(retainedSlots(slotSeconds, 2)).toBe(kept + 21);
  });
});

/** The fullest of the windows that hold a touched slot, the later of two equal ones. */
function fullestWindow(slots: ReadonlyMap<number, SlotValue>, touched: readonly number[]) {
  const ranges = touchedWindows(slots.keys(), touched, windowSlots(hour, slotSeconds));
  const windows = ranges.map((range) => ({ window: windowOf(range, slotSeconds), value: valueWithin([slots], range) }));
  return windows.toSorted((a, b) => Number(b.value) - Number(a.value) || b.window.to - a.window.to)[0];
}

describe('touchedWindows', () => {
  it('finds what a search over all windows finds', () => {
    const slots = fc.dictionary(fc.integer({ min: 0, max: 80 }).map(String), fc.nat(1000), { minKeys: 1 });
    fc.assert(
      fc.property(slots, fc.infiniteStream(fc.boolean()), (filled, choices) => {
        const map = new Map(Object.entries(filled).map(([slot, value]) => [Number(slot), value]));
        const touched = [...map.keys()].filter(() => choices.next().value);
        fc.pre(touched.length > 0);
        expect(fullestWindow(map, touched)?.value).toBe(fullestBySearch(map, touched));
      }),
    );
  });

  it('sees a burst across the full hour', () => {
    const ten = 10 * 20;
    const slots = new Map([
      [ten - 1, 6],
      [ten, 5],
    ]);
    expect(fullestWindow(slots, [ten])).toMatchObject({ value: 11 });
  });

  it('sees a late record complete a window that ended before', () => {
    const slots = new Map([
      [100, 5],
      [110, 6],
      [140, 1],
    ]);
    expect(fullestWindow(slots, [100])).toEqual({
      value: 11,
      window: { from: 90 * 180, to: 111 * 180 },
    });
  });

  it('leaves out a window that holds nothing of what was added', () => {
    const slots = new Map([
      [0, 100],
      [50, 1],
    ]);
    expect(fullestWindow(slots, [50])).toMatchObject({ value: 1 });
  });

  it('counts a value once that stands in two slots', () => {
    const slots = new Map([
      [1, new Set(['a', 'b'])],
      [2, new Set(['b', 'c'])],
    ]);
    expect(fullestWindow(slots, [2])).toMatchObject({ value: 3 });
  });

  it('adds up without rounding', () => {
    const slots = new Map<number, SlotValue>([
      [1, Number.MAX_SAFE_INTEGER],
      [2, 2],
    ]);
    expect(fullestWindow(slots, [2])).toMatchObject({ value: 9_007_199_254_740_993n });
  });

  it('has nothing to say where nothing was touched', () => {
    expect(fullestWindow(new Map([[1, 1]]), [])).toBeUndefined();
  });
});
