import type { AddressRange } from './address-range.ts';
import type { NetworkRange } from './geo-table-bytes.ts';

/** Adds a range to ascending ranges; extends the last one if it has the same facts and ends just before. */
export function addMerged(ranges: NetworkRange[], range: NetworkRange): void {
  const before = ranges.at(-1);
  if (before && before.last + 1n === range.first && before.country === range.country && before.asn === range.asn)
    ranges[ranges.length - 1] = { ...range, first: before.first };
  else ranges.push(range);
}

/** Addresses, with the range of each list that has them. */
export interface Overlap<A, B> extends AddressRange {
  readonly a: A | undefined;
  readonly b: B | undefined;
}

/**
 * Divides two lists of ranges so that each part has one range of each list, or none of one list.
 *
 * @param listA ascending, without overlaps, as `listB`
 */
export function* overlaps<A extends AddressRange, B extends AddressRange>(
  listA: Iterable<A>,
  listB: Iterable<B>,
): Generator<Overlap<A, B>> {
  const [nextA, nextB] = [listA[Symbol.iterator](), listB[Symbol.iterator]()];
  let [a, b] = [nextOf(nextA), nextOf(nextB)];
  /** The first address that no part has yet. */
  let first = 0n;
  while (a || b) {
    const begin = max(first, min(a?.first, b?.first));
    const [isInA, isInB] = [a !== undefined && a.first <= begin, b !== undefined && b.first <= begin];
    const last = min(isInA ? a!.last : a && a.first - 1n, isInB ? b!.last : b && b.first - 1n);
    yield { first: begin, last, a: isInA ? a : undefined, b: isInB ? b : undefined };
    first = last + 1n;
    if (isInA && a!.last === last) a = nextOf(nextA);
    if (isInB && b!.last === last) b = nextOf(nextB);
  }
}

function nextOf<T>(iterator: Iterator<T>): T | undefined {
  const { done, value } = iterator.next();
  return done ? undefined : value;
}

/** Returns the smaller of two numbers, of which at most one is undefined. */
function min(a: bigint | undefined, b: bigint | undefined): bigint {
  return b === undefined || (a !== undefined && a < b) ? a! : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
