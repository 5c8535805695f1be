import type { Quantity } from '../common/quantity.ts';
import { anyAddress, pairKey } from '../counters/counter-key.ts';
import { DeltaBuilder } from './delta-builder.ts';

/** The maximum numbers of counters that one batch may touch. */
export interface CounterLimits {
  readonly pairs: number;
  /** How many of the pairs may be overflow pairs, which count several light pairs together. */
  readonly overflowPairs: number;
  /** Counters of groups other than pairs. */
  readonly groups: number;
}

/**
 * The limits by default. An event of 6 MB has at most 27,000 records of one line, so only records of many lines exceed
 * them. A new on-demand table takes 4,000 writes a second (DynamoDB Developer Guide, "On-demand capacity mode"): ten
 * seconds of an invocation's five minutes.
 */
export const counterLimits: CounterLimits = { pairs: 30_000, overflowPairs: 1000, groups: 10_000 };

/** The counters of a batch, within the limits. */
export interface BoundedCounters {
  readonly builders: readonly DeltaBuilder[];
  /** Number of groups, other than pairs, that are not counted. */
  readonly droppedGroups: number;
}

/**
 * Bounds the counters of a batch, since a scan or a flood with spoofed addresses creates one per packet. Pairs with the
 * most bytes or flows stay exact; light pairs are counted in overflow counters `source > *`, `* > target` and `* > *`.
 * Groups other than pairs cannot be counted together: those with the most flows stay, and the others are dropped.
 * See docs/decisions/0007-floods-are-bounded.md.
 */
export function boundCounters(built: Iterable<DeltaBuilder>, limits: CounterLimits = counterLimits): BoundedCounters {
  const all = [...built];
  const pairs = all.filter(({ isPair }) => isPair);
  const groups = all.filter(({ isPair }) => !isPair);
  const countedGroups = groups.length <= limits.groups ? groups : groups.toSorted(byFlows).slice(0, limits.groups);
  return {
    builders: [...(pairs.length <= limits.pairs ? pairs : overflowPairs(pairs, limits)), ...countedGroups],
    droppedGroups: groups.length - countedGroups.length,
  };
}

/** Returns the heavy pairs, and overflow pairs that count all others. */
function overflowPairs(pairs: readonly DeltaBuilder[], limits: CounterLimits): DeltaBuilder[] {
  const maxHeavy = limits.pairs - limits.overflowPairs;
  const heavy = new Set(pairs.toSorted((a, b) => compare(b.bytes, a.bytes)).slice(0, Math.floor(maxHeavy / 2)));
  for (const pair of pairs.toSorted(byFlows)) if (heavy.size < maxHeavy) heavy.add(pair);
  const light = pairs.filter((pair) => !heavy.has(pair));
  const groups = groupsOf(light).toSorted((a, b) => b.members.length - a.members.length);
  const largest = groups.slice(0, limits.overflowPairs - 1);
  const rest = groups.slice(limits.overflowPairs - 1).flatMap(({ members }) => members);
  const overflow = [...largest, ...(rest.length > 0 ? [{ src: anyAddress, dst: anyAddress, members: rest }] : [])];
  return [...pairs.filter((pair) => heavy.has(pair)), ...overflow.map(builderOf)];
}

/** Light pairs that are counted together, and the key that they share. */
interface OverflowGroup {
  readonly src: string;
  readonly dst: string;
  readonly members: readonly DeltaBuilder[];
}

/** Groups each light pair by its source or its target, whichever has more light pairs. */
function groupsOf(light: readonly DeltaBuilder[]): OverflowGroup[] {
  const endpoint = (field: string) => (pair: DeltaBuilder) => pair.key.fields.get(field)!;
  const [src, dst] = [endpoint('srcaddr'), endpoint('dstaddr')];
  const bySource = Map.groupBy(light, src);
  const byTarget = Map.groupBy(light, dst);
  const isOfSource = (pair: DeltaBuilder) => bySource.get(src(pair))!.length >= byTarget.get(dst(pair))!.length;
  return [
    ...[...Map.groupBy(light.filter(isOfSource), src)].map(([address, members]) => ({
      src: address,
      dst: anyAddress,
      members,
    })),
    ...[
      ...Map.groupBy(
        light.filter((pair) => !isOfSource(pair)),
        dst,
      ),
    ].map(([address, members]) => ({ src: anyAddress, dst: address, members })),
  ];
}

function builderOf({ src, dst, members }: OverflowGroup): DeltaBuilder {
  const builder = new DeltaBuilder(pairKey(src, dst));
  for (const member of members) builder.absorb(member);
  return builder;
}

function byFlows(a: DeltaBuilder, b: DeltaBuilder): number {
  return b.flows - a.flows;
}

function compare(a: Quantity, b: Quantity): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
