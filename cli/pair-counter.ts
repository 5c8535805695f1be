import type { Quantity } from '../lambda/core/quantity.ts';

/** A pair's counter; times in epoch seconds. */
export interface PairCounter {
  readonly src: string;
  readonly dst: string;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Orders pairs by their bytes, then by their rejects, then by their addresses. */
export function busiestFirst(a: PairCounter, b: PairCounter): number {
  if (a.bytes !== b.bytes) return a.bytes > b.bytes ? -1 : 1;
  if (a.rejects !== b.rejects) return b.rejects - a.rejects;
  return byName(a, b);
}

/** Orders pairs by their rejects, then by their bytes, then by their addresses. */
export function mostRejectedFirst(a: PairCounter, b: PairCounter): number {
  return b.rejects - a.rejects || busiestFirst(a, b);
}

function byName(a: PairCounter, b: PairCounter): number {
  const [one, other] = [`${a.src} ${a.dst}`, `${b.src} ${b.dst}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
