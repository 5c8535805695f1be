import { type Label, labelsOf, type RuleName } from '../labels.ts';
import type { Network, Pair } from '../network.ts';
import type { Random } from '../random.ts';

/** The network of an attack, and its random numbers. */
export interface Site {
  readonly network: Network;
  readonly random: Random;
}

/** The common properties of attacks. Times are epoch seconds. */
export interface Plan {
  /** A short description. */
  readonly name: string;
  /** The rules that the attack matches. */
  readonly rules: readonly RuleName[];
  readonly client: string;
  readonly from: number;
  readonly to: number;
}

/** The server and port of an attack with one target. */
export interface OneTarget {
  readonly server: string;
  readonly port: number;
}

/** Creates the labels of an attack for each pair that counts it. */
export function labelsOfPairs(
  { rules, from, to }: Plan,
  pairs: readonly Pair[],
  fields: Record<string, string | number> = {},
): Label[] {
  return pairs.flatMap(([srcaddr, dstaddr]) => labelsOf(rules, { ...fields, srcaddr, dstaddr }, from, to));
}

/** Returns `count` times, evenly from the first second to the last. */
export function evenly(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, n) => Math.round(from + (n * (to - from)) / Math.max(1, count - 1)));
}
