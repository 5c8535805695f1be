import { describe, expect, it } from 'vitest';
import { DecodeBudget } from '../../../lambda/parse/decode-budget.ts';

const mebibyte = 1024 * 1024;

describe('DecodeBudget', () => {
  it('limits a record to its share of 16 MiB and 200,000 lines', () => {
    const budget = new DecodeBudget();
    expect(budget.limitsOf(1)).toEqual({ maxBytes: 16 * mebibyte, maxLines: 200_000 });
    expect(budget.limitsOf(1 / 4)).toEqual({ maxBytes: 4 * mebibyte, maxLines: 50_000 });
    expect(budget.limitsOf(1 / 3)).toEqual({ maxBytes: 5_592_406, maxLines: 66_667 });
    expect(budget.limitsOf(2)).toEqual(budget.limitsOf(1));
  });

  it('limits a record to the remaining bytes and lines when its share is larger', () => {
    const budget = new DecodeBudget();
    budget.take(15 * mebibyte, 199_999);
    expect(budget.limitsOf(1)).toEqual({ maxBytes: mebibyte, maxLines: 1 });
    expect(budget.hasLines).toBe(true);
    budget.take(0, 2);
    expect(budget.limitsOf(1)).toEqual({ maxBytes: mebibyte, maxLines: 0 });
    expect(budget.hasLines).toBe(false);
  });

  it('limits a record to the remaining expandable bytes, and to one byte without any', () => {
    const budget = new DecodeBudget();
    expect(budget.expandableBytes).toBe(64 * mebibyte);
    budget.takeExpanded(63 * mebibyte);
    expect(budget.limitsOf(1)).toEqual({ maxBytes: mebibyte, maxLines: 200_000 });
    budget.takeExpanded(2 * mebibyte);
    expect(budget.limitsOf(1)).toEqual({ maxBytes: 1, maxLines: 200_000 });
  });
});
