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
