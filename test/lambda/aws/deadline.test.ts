import { describe, expect, it } from 'vitest';
import { deadlinesOf } from '../../../lambda/aws/deadline.ts';

describe('deadlinesOf', () => {
  it.each([
    [300_000, 290_000, 295_000],
    [20_000, 10_000, 15_000],
    [8000, 4000, 6000],
    [200, 100, 150],
    [0, 0, 0],
  ])(
    'with %i ms left, stops starting work after %i ms and stops entirely after %i ms',
    (remaining, deadline, closing) => {
      expect(deadlinesOf(remaining)).toEqual({ deadline, closing });
    },
  );
});
