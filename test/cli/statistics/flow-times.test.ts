import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTimes } from '../../../cli/statistics/flow-times.ts';
import { setAsideText } from '../../../cli/statistics/set-aside-text.ts';
import { epoch } from '../../support/flows.ts';

const day = 86_400;

function rangeOf(ends: readonly number[]) {
  const times = new FlowTimes();
  for (const end of ends) times.add(end);
  return times.range();
}

/** Groups the sorted ends by their gaps, one by one. */
function slowRange(ends: readonly number[]) {
  const groups: number[][] = [];
  for (const end of [...ends].sort((a, b) => a - b)) {
    const group = groups.at(-1);
    if (group && end - group.at(-1)! <= 3 * day) group.push(end);
    else groups.push([end]);
  }
  const large = groups.filter((group) => group.length * 100 >= ends.length);
  const taken = (large.length > 0 ? large : groups).flat();
  return { from: taken[0], to: taken.at(-1), setAside: ends.length - taken.length };
}

describe('FlowTimes', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => epoch + n);

  it('sets a flow aside when its end is years from the others', () => {
    expect(rangeOf([...many(200), epoch - 400 * day])).toEqual({ from: epoch, to: epoch + 199, setAside: 1 });
    expect(rangeOf([epoch + 400 * day, ...many(200)])).toEqual({ from: epoch, to: epoch + 199, setAside: 1 });
  });

  it('takes all flows when a gap separates large groups, or all groups are small', () => {
    expect(rangeOf([...many(99), epoch - 400 * day])).toEqual({ from: epoch - 400 * day, to: epoch + 98, setAside: 0 });
    const rare = Array.from({ length: 150 }, (_, n) => epoch + n * 4 * day);
    expect(rangeOf(rare)).toEqual({ from: epoch, to: epoch + 149 * 4 * day, setAside: 0 });
  });

  it('has no range without flows', () => {
    expect(rangeOf([])).toBeUndefined();
  });

  it('gives the range of a slow grouping for any times in any order', () => {
    const crowd = fc.tuple(fc.integer({ min: 0, max: 30 * day }), fc.integer({ min: 1, max: 250 }));
    const ends = fc
      .array(crowd, { minLength: 1, maxLength: 6 })
      .map((crowds) => crowds.flatMap(([at, count]) => Array.from({ length: count }, (_, n) => at + n * 301)));
    fc.assert(
      fc.property(ends, (some) => {
        expect(rangeOf(some.toReversed())).toEqual(slowRange(some));
      }),
    );
  });
});

describe('setAsideText', () => {
  it('names the number of flows and the range when flows are set aside', () => {
    expect(setAsideText({ from: epoch, to: epoch + 60, setAside: 1 })).toBe(
      '1 flow ends more than 3 days apart from the others; days are those from 2026-11-24 09:00:00 to 2026-11-24 09:01:00 (UTC)',
    );
    expect(setAsideText({ from: epoch, to: epoch + 60, setAside: 0 })).toBeUndefined();
  });
});
