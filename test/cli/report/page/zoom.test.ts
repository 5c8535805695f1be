import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianWithin, shownRange, zoomed } from '../../../../cli/report/page/zoom.ts';
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

  it('halves the range around the focus, within the range, when there is a focus', () => {
    expect(zoomed(whole, whole, 'in', epoch + 5 * hour)).toEqual({ from: epoch + 3 * hour, to: epoch + 7 * hour });
    expect(zoomed(whole, whole, 'in', epoch + 7.5 * hour)).toEqual({ from: epoch + 4 * hour, to: epoch + 8 * hour });
    expect(zoomed(whole, whole, 'in', epoch)).toEqual({ from: epoch, to: epoch + 4 * hour });
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

describe('medianWithin', () => {
  it('is the median of the times in the range', () => {
    const times = [-9, 1, 5, 7, 8, 99].map((after) => epoch + after * hour);
    expect(medianWithin(times, whole)).toBe(epoch + 5 * hour);
    expect(medianWithin([], whole)).toBeUndefined();
    expect(medianWithin([epoch + 9 * hour], whole)).toBeUndefined();
  });

  it('keeps data in view for any times and steps of zooming in', () => {
    const anyTimes = fc.array(fc.integer({ min: 0, max: 90 * 86_400 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyTimes, fc.nat({ max: 12 }), (after, steps) => {
        const times = after.map((one) => epoch + one);
        const all = { from: epoch, to: epoch + 90 * 86_400 + 1 };
        let range = all;
        for (let step = 0; step < steps; step += 1) {
          range = zoomed(range, all, 'in', medianWithin(times, range)) ?? all;
        }
        expect(times.some((time) => time >= range.from && time < range.to)).toBe(true);
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
