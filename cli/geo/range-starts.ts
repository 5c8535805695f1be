import { type RangeStarts, type RangeTable, rangeStarts } from '../../lambda/geo/range-table.ts';
import type { AddressRange, ByFamily } from './address-range.ts';

interface Start {
  readonly start: bigint;
  readonly value: number;
}

/**
 * Returns the starts of ranges and of the gaps between them.
 *
 * @param toValue the value of a range, not 0
 */
export function rangeTable<Range extends AddressRange>(
  { ipv4, ipv6 }: ByFamily<Range>,
  toValue: (range: Range) => number,
): RangeTable {
  const ipv6Starts = startsOf(ipv6, 128, toValue);
  const isUpper = ({ start }: Start) => (start & lowerBits) === 0n;
  return {
    ipv4: packed(startsOf(ipv4, 32, toValue), 1),
    ipv6Upper: packed(
      ipv6Starts.filter(isUpper).map(({ start, value }) => ({ start: start >> 64n, value })),
      2,
    ),
    ipv6Full: packed(
      ipv6Starts.filter((start) => !isUpper(start)),
      4,
    ),
  };
}

const lowerBits = 2n ** 64n - 1n;

function startsOf<Range extends AddressRange>(
  ranges: readonly Range[],
  bits: 32 | 128,
  toValue: (range: Range) => number,
): Start[] {
  const end = 2n ** BigInt(bits);
  return ranges.flatMap((range, index) => {
    const start = { start: range.first, value: toValue(range) };
    const after = range.last + 1n;
    return after === (ranges[index + 1]?.first ?? end) ? [start] : [start, { start: after, value: 0 }];
  });
}

function packed(starts: readonly Start[], width: 1 | 2 | 4): RangeStarts {
  const words = new Uint32Array(width * starts.length);
  for (const [row, { start }] of starts.entries()) {
    for (let index = 0; index < width; index += 1)
      words[row * width + index] = Number((start >> BigInt(32 * (width - 1 - index))) & 0xffff_ffffn);
  }
  return rangeStarts(
    width,
    words,
    Uint32Array.from(starts, ({ value }) => value),
  );
}
