import fc from 'fast-check';
import { addressOf } from '../../../cli/geo/address-range.ts';
import type { GeoContent, NetworkRange } from '../../../cli/geo/geo-table-bytes.ts';

/** A content with no ranges, to be extended. */
export const emptyContent: GeoContent = {
  dataTime: 1_795_910_400,
  sources: ['made-up.tsv'],
  networks: { ipv4: [], ipv6: [] },
  operatorNames: new Map(),
  aws: { ipv4: [], ipv6: [] },
};

/** Ranges without overlaps whose ends are some of the given values, and so often meet. */
export function rangesBetween(value: fc.Arbitrary<bigint>): fc.Arbitrary<NetworkRange[]> {
  const country = fc.option(fc.constantFrom('DE', 'FR', 'JP'), { nil: undefined });
  const asn = fc.option(fc.constantFrom(64_496, 64_511, 65_551), { nil: undefined });
  const range = fc.record({ ends: fc.tuple(value, value), country, asn });
  return fc.array(range, { maxLength: 12 }).map((ranges) => {
    const sorted = ranges
      .map(({ ends: [a, b], ...rest }) => ({ first: a < b ? a : b, last: a < b ? b : a, ...rest }))
      .sort((a, b) => (a.first < b.first ? -1 : 1));
    return sorted.filter((one, index) => !sorted.slice(0, index).some(({ last }) => last >= one.first));
  });
}

/** Finds the range of an address by looking at each; the slow way. */
export function rangeOf<Range extends { first: bigint; last: bigint }>(
  ranges: readonly Range[],
  value: bigint,
): Range | undefined {
  return ranges.find(({ first, last }) => first <= value && value <= last);
}

export const ipv4 = (value: bigint) => addressOf({ bits: 32, value });
export const ipv6 = (value: bigint) => addressOf({ bits: 128, value });
