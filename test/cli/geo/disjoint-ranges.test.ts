import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointRanges } from '../../../cli/geo/disjoint-ranges.ts';

/** Prefixes of addresses of eight bits, which often nest, meet and repeat. */
const prefix = fc
  .record({ length: fc.nat(8), address: fc.nat(255), name: fc.constantFrom('a', 'b', 'c') })
  .map(({ length, address, name }) => {
    const size = 2 ** (8 - length);
    const first = Math.floor(address / size) * size;
    return { first: BigInt(first), last: BigInt(first + size - 1), name };
  });

type Prefix = { first: bigint; last: bigint; name: string };
const isPreferred = (a: Prefix, b: Prefix) => a.name < b.name;

/** Finds the entry of an address by looking at each prefix; the slow way. */
function smallestPrefix(prefixes: readonly Prefix[], value: bigint): string | undefined {
  const containing = prefixes.filter(({ first, last }) => first <= value && value <= last);
  return containing.sort((a, b) => Number(a.last - a.first - (b.last - b.first)) || (a.name < b.name ? -1 : 1))[0]
    ?.name;
}

describe('disjointRanges', () => {
  it('gives each address the preferred entry of its smallest prefix, in ascending ranges', () => {
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 12 }), (prefixes) => {
        const ranges = disjointRanges(prefixes, isPreferred);
        for (const [index, { first, last }] of ranges.entries()) {
          expect(first <= last).toBe(true);
          if (index > 0) expect(first > ranges[index - 1]!.last).toBe(true);
        }
        for (let value = 0n; value < 256n; value += 1n) {
          const found = ranges.find(({ first, last }) => first <= value && value <= last)?.name;
          expect(found).toBe(smallestPrefix(prefixes, value));
        }
      }),
    );
  });
});
