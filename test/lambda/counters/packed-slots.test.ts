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

  it.each<[Quantity, number[]]>([
    [63, [126]],
    [64, [128, 1]],
    [8191, [254, 127]],
    [8192, [128, 128, 1]],
    [2 ** 52, [128, 128, 128, 128, 128, 128, 128, 16]],
    [2n ** 53n, [128, 128, 128, 128, 128, 128, 128, 32]],
  ])('have the doubled amount %s in groups of seven bits, lowest first', (value, groups) => {
    const bytes = packSlots(new Map([['ab', new Map([[5, value]])]]));
    expect([...bytes]).toEqual([2, 97, 98, 1, 5, ...groups]);
    expect(unpackSlots(bytes)).toEqual(new Map([['ab', new Map([[5, value]])]]));
  });

  it('mark a slot after skipped slots, whose number follows', () => {
    const slots = new Map<number, Quantity>([
      [9, 3],
      [5, 1],
      [6, 2],
    ]);
    expect([...packSlots(new Map([['ab', slots]]))]).toEqual([2, 97, 98, 3, 5, 2, 4, 7, 2]);
    const large = new Map([
      [5, 1],
      [200, 2n ** 60n],
    ] as [number, Quantity][]);
    expect(unpackSlots(packSlots(new Map([['ab', large]])))).toEqual(new Map([['ab', large]]));
  });

  it('leave out a series without slots', () => {
    expect(packSlots(new Map([['ab', new Map()]]))).toHaveLength(0);
  });

  it('decode to the slots before a cut, and zero for the slot that is cut', () => {
    const bytes = packSlots(
      new Map([
        [
          'ab',
          new Map([
            [5, 1],
            [6, 300],
            [7, 4],
          ] as [number, Quantity][]),
        ],
      ]),
    );
    const decoded = (length: number) => [...(unpackSlots(bytes.subarray(0, length)).get('ab') ?? [])];
    expect(decoded(bytes.length - 1)).toEqual([
      [5, 1],
      [6, 300],
    ]);
    expect(decoded(bytes.length - 2)).toEqual([
      [5, 1],
      [6, 0],
    ]);
    expect(decoded(bytes.length - 3)).toEqual([[5, 1]]);
  });

  it('take three bytes per slot when each slot of a day has some hundred kilobytes', () => {
    const day = new Map(Array.from({ length: 22 }, (_, n) => [10_000_000 + n, 300_000 + n * 7919]));
    expect(packSlots(new Map([['71d5', day]]))).toHaveLength(1 + 4 + 1 + 4 + 22 * 3);
  });
});
