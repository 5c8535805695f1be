import type { RangeStarts, RangeTable } from '../../lambda/geo/range-table.ts';
import type { AddressRange } from './address-range.ts';

/** A range of a table, without gaps. */
export interface TableRange extends AddressRange {
  /** The value of the range: see GeoTable.entryOf. */
  readonly value: number;
}

interface Start {
  readonly start: bigint;
  readonly value: number;
}

/** Yields the ranges of a table, ascending. The inverse of `rangeTable`. */
export function* tableRanges(table: RangeTable, bits: 32 | 128): Generator<TableRange> {
  const end = 1n << BigInt(bits);
  const starts = bits === 32 ? startsOf(table.ipv4) : ascending(startsOf(table.ipv6Upper), startsOf(table.ipv6Full));
  let open: Start | undefined;
  for (const next of starts) {
    if (open && open.value !== 0) yield { first: open.start, last: next.start - 1n, value: open.value };
    open = next;
  }
  if (open && open.value !== 0) yield { first: open.start, last: end - 1n, value: open.value };
}

/** Yields the starts as numbers; a start of two words has the upper half of an address. */
function* startsOf({ width, starts, values }: RangeStarts): Generator<Start> {
  for (const [row, value] of values.entries()) {
    let start = 0n;
    for (let index = 0; index < width; index += 1) start = (start << 32n) | BigInt(starts[row * width + index]!);
    yield { start: width === 2 ? start << 64n : start, value };
  }
}

/** Yields the starts of two ascending lists in order. */
function* ascending(listA: Iterator<Start>, listB: Iterator<Start>): Generator<Start> {
  let [a, b] = [listA.next(), listB.next()];
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.start < b.value.start)) {
      yield a.value as Start;
      a = listA.next();
    } else {
      yield b.value;
      b = listB.next();
    }
  }
}
