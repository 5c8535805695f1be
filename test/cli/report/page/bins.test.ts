import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsOf, relevantRange } from '../../../../cli/report/page/bins.ts';
import { epoch } from '../../../support/flows.ts';

describe('binsOf', () => {
  it('covers every time of the range with at most the given number of intervals', () => {
    const anyRange = fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 1, max: 1e9 }), fc.nat());
    fc.assert(
      fc.property(anyRange, ([from, length, part]) => {
        const bins = binsOf({ from, to: from + length }, 96);
        const at = from + (part % length);
        const start = bins.starts[bins.indexOf(at)!]!;
        expect(bins.starts.length).toBeLessThanOrEqual(96);
        expect(at - start).toBeGreaterThanOrEqual(0);
        expect(at - start).toBeLessThan(bins.seconds);
      }),
    );
  });

  it('makes no interval shorter than the minimum', () => {
    expect(binsOf({ from: epoch, to: epoch + 7200 }, 160, 3600)).toMatchObject({
      seconds: 3600,
      starts: [epoch, epoch + 3600],
    });
  });
});

describe('relevantRange', () => {
  const interval = (at: number, flows = 1000) => ({ at, bytes: 0, rejects: 0, flows });

  it('covers the flows and alerts', () => {
    const intervals = [interval(epoch), interval(epoch + 3600)];
    expect(relevantRange({ seconds: 60, intervals }, [epoch + 4000])).toEqual({ from: epoch, to: epoch + 4001 });
    expect(relevantRange({ seconds: 60, intervals: [] }, [epoch])).toEqual({ from: epoch, to: epoch + 1 });
    expect(relevantRange({ seconds: 60, intervals: [] }, [])).toBeUndefined();
  });

  it('excludes a few flows with outlying times', () => {
    const intervals = [interval(0, 1), interval(epoch), interval(epoch + 60), interval(4_000_000_020, 2)];
    expect(relevantRange({ seconds: 60, intervals }, [])).toEqual({ from: epoch, to: epoch + 120 });
  });
});
