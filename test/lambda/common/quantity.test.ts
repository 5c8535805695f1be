import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantity,
  parseQuantity,
  type Quantity,
  readQuantities,
  writeQuantities,
} from '../../../lambda/common/quantity.ts';

const anyQuantity = fc.bigInt({ min: 0n, max: 2n ** 70n }).map((value) => parseQuantity(String(value)));

describe('quantities', () => {
  it('adds quantities exactly, and returns a number if that is exact', () => {
    fc.assert(
      fc.property(anyQuantity, anyQuantity, (a, b) => {
        const sum: Quantity = addQuantity(a, b);
        expect(BigInt(sum)).toBe(BigInt(a) + BigInt(b));
        expect(typeof sum === 'number').toBe(BigInt(a) + BigInt(b) <= BigInt(Number.MAX_SAFE_INTEGER));
      }),
    );
  });

  it.each([
    [9_007_199_254_740_990, 1, 9_007_199_254_740_991],
    [9_007_199_254_740_991, 1, 9_007_199_254_740_992n],
    [9_007_199_254_740_991, 2, 9_007_199_254_740_993n],
    [9_007_199_254_740_991, 9_007_199_254_740_990, 18_014_398_509_481_981n],
    [9_007_199_254_740_993n, -2n, 9_007_199_254_740_991],
  ])('adds %s and %s to %s, next to the largest exact number', (a, b, sum) => {
    expect(addQuantity(a, b)).toBe(sum);
  });

  it.each([
    ['999999999999999', 999_999_999_999_999],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['0', 0],
  ])('parses %s without a loss', (digits, value) => {
    expect(parseQuantity(digits)).toBe(value);
  });

  it('writes and reads JSON numbers with all their digits', () => {
    fc.assert(
      fc.property(anyQuantity, (value) => {
        const text = JSON.stringify({ value }, writeQuantities);
        expect(text).toBe(`{"value":${value}}`);
        expect((JSON.parse as (text: string, reviver: unknown) => unknown)(text, readQuantities)).toEqual({ value });
      }),
    );
  });
});
