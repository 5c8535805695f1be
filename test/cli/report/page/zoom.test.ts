import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownRange, zoomed } from '../../../../cli/report/page/zoom.ts';
import { epoch } from '../../../support/flows.ts';

const hour = 3600;
const whole = { from: epoch, to: epoch + 8 * hour };

describe('zoomed', () => {
  it('halves the range around its middle, and doubles the range again', () => {
    const inner = zoomed(whole, whole, 'in')!;
    expect(inner).toEqual({ from: epoch + 2 * hour, to: epoch + 6 * hour });
    expect(zoomed(zoomed(inner, whole, 'in')!, whole, 'out')).toEqual(inner);
    expect(zoomed(inner, whole, 'out')).toBeUndefined();
  });

  it('moves by half of the range, up to the end of the data', () => {
    const range = { from: epoch + 4 * hour, to: epoch + 6 * hour };
    expect(zoomed(range, whole, 'earlier')).toEqual({ from: epoch + 3 * hour, to: epoch + 5 * hour });
    const last = { from: epoch + 6 * hour, to: epoch + 8 * hour };
    expect(zoomed(zoomed(range, whole, 'later')!, whole, 'later')).toEqual(last);
    expect(zoomed(last, whole, 'later')).toEqual(last);
  });

  it('shows all when asked to', () => {
    expect(zoomed({ from: epoch, to: epoch + 60 }, whole, 'all')).toBeUndefined();
  });

  it('stays within the data and above five minutes for any steps', () => {
    const anySteps = fc.array(fc.constantFrom('in', 'out', 'earlier', 'later'), { maxLength: 40 });
    const anyWhole = fc.record({
      from: fc.integer({ min: epoch, max: epoch + hour }),
      length: fc.integer({ min: 1, max: 90 * 86_400 }),
    });
    fc.assert(
      fc.property(anySteps, anyWhole, (steps, { from, length }) => {
        const all = { from, to: from + length };
        let range = all;
        for (const step of steps) range = zoomed(range, all, step) ?? all;
        expect(range.from).toBeGreaterThanOrEqual(all.from - length / 12 - 60);
        expect(range.to).toBeLessThanOrEqual(all.to + length / 6 + 60);
        expect(range.to - range.from).toBeGreaterThanOrEqual(Math.min(300, length));
      }),
    );
  });
});

describe('shownRange', () => {
  it('is the part of the data between the times of the filter', () => {
    expect(shownRange({ from: epoch + hour }, whole)).toEqual({ from: epoch + hour, to: whole.to });
    expect(shownRange({ from: epoch - hour, to: epoch + hour }, whole)).toEqual({ from: epoch, to: epoch + hour });
  });

  it('is all data when the filter is beyond', () => {
    expect(shownRange({ from: whole.to + hour }, whole)).toEqual(whole);
    expect(shownRange({}, whole)).toEqual(whole);
  });
});
