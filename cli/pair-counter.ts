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

/** For sorting: the pair with the most bytes first, then that with the most rejects. */
export function busiestFirst(a: PairCounter, b: PairCounter): number {
  if (a.bytes !== b.bytes) return a.bytes > b.bytes ? -1 : 1;
  if (a.rejects !== b.rejects) return b.rejects - a.rejects;
  return `${a.src} ${a.dst}` < `${b.src} ${b.dst}` ? -1 : 1;
}
