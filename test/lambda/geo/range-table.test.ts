import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeTable } from '../../../cli/geo/range-starts.ts';
import { valueAt } from '../../../lambda/geo/range-table.ts';
import { rangeOf, rangesBetween } from './source-ranges.ts';

/** Values at the borders of words and halves, where comparisons differ. */
const borders = (bits: number) =>
  fc
    .record({
      power: fc.constantFrom(...Array.from({ length: bits / 32 + 1 }, (_, index) => 32 * index), bits - 1),
      factor: fc.constantFrom(0n, 1n, 2n),
      offset: fc.bigInt({ min: -3n, max: 3n }),
    })
    .map(({ power, factor, offset }) => BigInt.asUintN(bits, factor * 2n ** BigInt(power) + offset));

const wordsOf = (value: bigint, bits: number) =>
  Uint32Array.from({ length: bits / 32 }, (_, index) =>
    Number((value >> BigInt(bits - 32 * (index + 1))) & 0xffff_ffffn),
  );

describe('valueAt', () => {
  it.each([32, 128] as const)('finds the same range as a scan of all when addresses have %i bits', (bits) => {
    fc.assert(
      fc.property(rangesBetween(borders(bits)), fc.array(borders(bits)), (ranges, others) => {
        const numbered = ranges.map((range, index) => ({ ...range, value: index + 1 }));
        const family = bits === 32 ? { ipv4: numbered, ipv6: [] } : { ipv4: [], ipv6: numbered };
        const table = rangeTable(family, ({ value }) => value);
        const near = ranges.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        for (const value of [...near, ...others].map((one) => BigInt.asUintN(bits, one)))
          expect(valueAt(table, wordsOf(value, bits), bits === 32)).toBe(rangeOf(numbered, value)?.value ?? 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds each of many ranges when their starts have the same first words', () => {
    const base = 0x2001_0db8n << 96n;
    const ranges = Array.from({ length: 1000 }, (_, index) => {
      const first = base + BigInt(index) * 2n ** 62n;
      return { first, last: first + 2n ** 62n - 2n, value: index + 1 };
    });
    const table = rangeTable({ ipv4: [], ipv6: ranges }, ({ value }) => value);
    const valueOfAddress = (value: bigint) => valueAt(table, wordsOf(value, 128), false);
    expect(ranges.map(({ first }) => valueOfAddress(first))).toEqual(ranges.map(({ value }) => value));
    expect(ranges.map(({ last }) => valueOfAddress(last))).toEqual(ranges.map(({ value }) => value));
    expect(new Set(ranges.map(({ last }) => valueOfAddress(last + 1n)))).toContain(0);
    expect([base - 1n, base + 2n ** 96n].map(valueOfAddress)).toEqual([0, 0]);
  });

  it('stores all 128 bits only of starts within a /64', () => {
    const ranges = [
      { first: 1n << 64n, last: (2n << 64n) - 1n },
      { first: 2n << 64n, last: (2n << 64n) + 7n },
    ];
    const { ipv6Upper, ipv6Full } = rangeTable({ ipv4: [], ipv6: ranges }, () => 1);
    expect([...ipv6Upper.starts]).toEqual([0, 1, 0, 2]);
    expect([...ipv6Full.starts]).toEqual([0, 2, 0, 8]);
    expect([...ipv6Upper.values, ...ipv6Full.values]).toEqual([1, 1, 0]);
  });
});
