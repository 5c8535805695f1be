import { type Label, labelsOf, type RuleName } from '../labels.ts';
import type { Network, Pair } from '../network.ts';
import type { Random } from '../random.ts';

/** Where something is planted, and by which dice. */
export interface Site {
  readonly network: Network;
  readonly random: Random;
}

/** What every attack says of itself. Times are epoch seconds. */
export interface Plan {
  /** A few words on the manner. */
  readonly name: string;
  /** The rules whose definition it fulfils. */
  readonly rules: readonly RuleName[];
  readonly client: string;
  readonly from: number;
  readonly to: number;
}

/** One of whom it is done to. */
export interface OneTarget {
  readonly server: string;
  readonly port: number;
}

/** The labels of an attack for each pair that it is counted under. */
export function labelsOfPairs(
  { rules, from, to }: Plan,
  pairs: readonly Pair[],
  fields: Record<string, string | number> = {},
): Label[] {
  return pairs.flatMap(([srcaddr, dstaddr]) => labelsOf(rules, { ...fields, srcaddr, dstaddr }, from, to));
}

/** So many times, evenly from the first second to the last. */
export function evenly(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, n) => Math.round(from + (n * (to - from)) / Math.max(1, count - 1)));
}
