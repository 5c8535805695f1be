import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimespan, parseTimespan } from '../../../sigma/parse/timespan.ts';

describe('timespan', () => {
  it.each([
    ['45s', 45],
    ['90m', 5400],
    ['5h', 18_000],
    ['7d', 604_800],
  ])('formats %s in the largest unit that divides it', (text, seconds) => {
    expect(formatTimespan(seconds)).toBe(text);
  });

  it('parses what it formats when the timespan is any whole number of seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (seconds) => {
        expect(parseTimespan(formatTimespan(seconds))).toBe(seconds);
      }),
    );
  });
});
