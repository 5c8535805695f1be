import type { AddressRange } from './address-range.ts';

/**
 * Returns ascending ranges without overlaps, in which each address has the entry of the smallest prefix that contains it.
 * Prefixes are nested or apart.
 *
 * @param isPreferred whether the first of two entries for the same prefix counts
 */
export function disjointRanges<Range extends AddressRange>(
  prefixes: readonly Range[],
  isPreferred: (a: Range, b: Range) => boolean,
): Range[] {
  const ranges: Range[] = [];
  /** The prefixes that contain the current address, the smallest last. */
  const open: Range[] = [];
  let next = 0n;
  const addUntil = (range: Range, last: bigint) => {
    if (next <= last) ranges.push({ ...range, first: next, last });
    next = last + 1n;
  };
  const closeBefore = (first: bigint | undefined) => {
    while (open.length > 0 && (first === undefined || open.at(-1)!.last < first)) {
      const closed = open.pop()!;
      addUntil(closed, closed.last);
    }
  };
  for (const prefix of preferredOf(prefixes, isPreferred)) {
    closeBefore(prefix.first);
    const around = open.at(-1);
    if (around) addUntil(around, prefix.first - 1n);
    next = prefix.first;
    open.push(prefix);
  }
  closeBefore(undefined);
  return ranges;
}

/** Returns one entry for each prefix, in the order of the first address, the largest prefix first. */
function preferredOf<Range extends AddressRange>(
  prefixes: readonly Range[],
  isPreferred: (a: Range, b: Range) => boolean,
): Range[] {
  const byPrefix = new Map<string, Range>();
  for (const prefix of prefixes) {
    const key = `${prefix.first}-${prefix.last}`;
    const other = byPrefix.get(key);
    if (!other || isPreferred(prefix, other)) byPrefix.set(key, prefix);
  }
  return [...byPrefix.values()].sort((a, b) => compare(a.first, b.first) || compare(b.last, a.last));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
