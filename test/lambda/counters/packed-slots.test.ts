import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import { packSlots, unpackSlots } from '../../../lambda/counters/packed-slots.ts';

const amount: fc.Arbitrary<Quantity> = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 90n }),
);
const slots = fc.array(fc.tuple(fc.oneof(fc.nat(40), fc.nat(4_000_000_000)), amount), { minLength: 1 });
const amounts = fc
  .array(fc.tuple(fc.stringMatching(/^[0-9a-f]{4,6}$/), slots), { maxLength: 5 })
  .map((all) => new Map(all.map(([series, filled]) => [series, new Map(filled)])));

describe('packed slots', () => {
  it('decode to the encoded amounts of any size', () => {
    fc.assert(
      fc.property(amounts, (all) => {
        expect(unpackSlots(packSlots(all))).toEqual(all);
      }),
    );
  });

  it('decode without an error when bytes are missing or changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(unpackSlots(bytes)).toBeInstanceOf(Map);
      }),
    );
  });

  it('take three bytes per slot when each slot of a day has some hundred kilobytes', () => {
    const day = new Map(Array.from({ length: 22 }, (_, n) => [10_000_000 + n, 300_000 + n * 7919]));
    expect(packSlots(new Map([['71d5', day]]))).toHaveLength(1 + 4 + 1 + 4 + 22 * 3);
  });
});
