import { type Item, readCounter } from '../../lambda/count/counter-item.ts';
import { isPair, scopeOfKey } from '../../lambda/counters/counter-key.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';

/** The attributes that `pairOf` reads. */
export const pairAttributes = ['pk', 'src', 'dst', 'bytes', 'rejects', 'firstSeen', 'lastSeen'] as const;

/** Reads the counter of a pair; undefined if the item is not a pair's. */
export function pairOf(item: Item): PairCounter | undefined {
  const { pk, src, dst } = item;
  if (!pk || !('S' in pk) || !isPair({ pk: pk.S }) || !src || !('S' in src) || !dst || !('S' in dst)) return undefined;
  const { bytes, rejects, firstSeen, lastSeen } = readCounter(item);
  const scope = scopeOfKey(pk.S);
  return { src: src.S, dst: dst.S, ...(scope && { scope }), bytes, rejects, firstSeen, lastSeen };
}
