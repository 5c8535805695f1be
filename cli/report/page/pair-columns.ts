import type { Quantity } from '../../../lambda/common/quantity.ts';
import { scopeName } from '../../../lambda/common/text.ts';
import type { KeyScope } from '../../../lambda/flow-log/scope.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';

/** Pairs as columns, a third of the size of a list of objects. The columns have the same length, the pairs their order. */
export interface PairColumns {
  readonly addresses: readonly string[];
  /** Indexes into `addresses`. */
  readonly src: readonly number[];
  readonly dst: readonly number[];
  /** The scopes, and an index into these for each pair; absent unless the setting `scope` keeps networks apart. */
  readonly scopes?: readonly KeyScope[];
  readonly scope?: readonly number[];
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
  const scopes = new Map(pairs.flatMap(({ scope }) => (scope ? [[scopeName(scope), scope] as const] : [])));
  const names = [...scopes.keys()];
  return {
    ...(names.length > 0 && {
      scopes: [...scopes.values()],
      scope: pairs.map(({ scope }) => (scope ? names.indexOf(scopeName(scope)) : -1)),
    }),
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
  const { addresses, scopes, scope, src, dst, bytes, rejects, firstSeen, seenFor } = columns;
  return src.map((index, row) => ({
    src: addresses[index]!,
    dst: addresses[dst[row]!]!,
    ...(scopes?.[scope![row]!] && { scope: scopes[scope![row]!]! }),
    bytes: bytes[row]!,
    rejects: rejects[row]!,
    firstSeen: firstSeen[row]!,
    lastSeen: firstSeen[row]! + seenFor[row]!,
  }));
}
