import type { Quantity } from '../../../lambda/common/quantity.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';

/** Pairs as columns, a third of the size of a list of objects. The columns have the same length, the pairs their order. */
export interface PairColumns {
  readonly addresses: readonly string[];
  /** Indexes into `addresses`. */
  readonly src: readonly number[];
  readonly dst: readonly number[];
  readonly bytes: readonly Quantity[];
  readonly rejects: readonly number[];
  /** In epoch seconds. */
  readonly firstSeen: readonly number[];
  /** Seconds from `firstSeen` to `lastSeen`. */
  readonly seenFor: readonly number[];
}

/** Converts pairs to columns. */
export function writePairColumns(pairs: readonly PairCounter[]): PairColumns {
  const indexes = new Map<string, number>();
  const indexOf = (address: string) => {
    const known = indexes.get(address);
    if (known !== undefined) return known;
    indexes.set(address, indexes.size);
    return indexes.size - 1;
  };
  return {
    src: pairs.map(({ src }) => indexOf(src)),
    dst: pairs.map(({ dst }) => indexOf(dst)),
    addresses: [...indexes.keys()],
    bytes: pairs.map(({ bytes }) => bytes),
    rejects: pairs.map(({ rejects }) => rejects),
    firstSeen: pairs.map(({ firstSeen }) => firstSeen),
    seenFor: pairs.map(({ firstSeen, lastSeen }) => lastSeen - firstSeen),
  };
}

/** Converts columns to pairs. */
export function readPairColumns(columns: PairColumns): PairCounter[] {
  const { addresses, src, dst, bytes, rejects, firstSeen, seenFor } = columns;
  return src.map((index, row) => ({
    src: addresses[index]!,
    dst: addresses[dst[row]!]!,
    bytes: bytes[row]!,
    rejects: rejects[row]!,
    firstSeen: firstSeen[row]!,
    lastSeen: firstSeen[row]! + seenFor[row]!,
  }));
}
