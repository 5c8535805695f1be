import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkRange } from '../../../cli/geo/geo-table-bytes.ts';
import { joinSources } from '../../../cli/geo/join-sources.ts';
import type { NetworkSource } from '../../../cli/geo/network-source.ts';
import { rangeOf, rangesBetween } from '../../lambda/geo/source-ranges.ts';

const sourceOf = (ipv4: NetworkRange[], names: [number, string][] = []): NetworkSource => ({
  networks: { ipv4, ipv6: [] },
  operatorNames: new Map(names),
  leftOut: [],
});

describe('joinSources', () => {
  it('has the facts of the first source that knows them at each address, in merged ranges', () => {
    const ranges = rangesBetween(fc.bigInt({ min: 0n, max: 40n }));
    fc.assert(
      fc.property(fc.array(ranges, { minLength: 2, maxLength: 3 }), (lists) => {
        const { ipv4 } = joinSources(lists.map((list) => sourceOf(list))).networks;
        for (let value = 0n; value <= 41n; value += 1n) {
          const found = lists.map((list) => rangeOf(list, value));
          const expected = found.some((one) => one) && {
            country: found.find((one) => one?.country)?.country,
            asn: found.find((one) => one?.asn)?.asn,
          };
          const range = rangeOf(ipv4, value);
          expect(range && { country: range.country, asn: range.asn }).toEqual(expected || undefined);
        }
        for (const [index, range] of ipv4.slice(1).entries()) {
          const before = ipv4[index]!;
          expect(before.last < range.first).toBe(true);
          const isSame = before.country === range.country && before.asn === range.asn;
          expect(isSame && before.last + 1n === range.first).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('returns one source as it is, also with adjacent ranges of the same facts', () => {
    const ranges = [0n, 1n].map((value) => ({ first: value, last: value, country: 'DE', asn: 64_496 }));
    expect(joinSources([sourceOf(ranges)]).networks.ipv4).toEqual(ranges);
  });

  it('has the name of an operator of the first source that names it', () => {
    const [a, b] = [
      sourceOf([], [[64_496, 'A']]),
      sourceOf(
        [],
        [
          [64_496, 'B'],
          [64_511, 'C'],
        ],
      ),
    ];
    expect(joinSources([a, b]).operatorNames.get(64_496)).toBe('A');
    expect(joinSources([a, b]).operatorNames.get(64_511)).toBe('C');
  });
});
