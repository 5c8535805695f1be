import type { Quantity } from '../common/quantity.ts';
import { anyAddress, pairKey } from '../counters/counter-key.ts';
import { DeltaBuilder } from './delta-builder.ts';

/** The most counters that one batch may touch. */
export interface CounterLimits {
  readonly pairs: number;
  /** Of the pairs, how many may be such that others are counted together in. */
  readonly overflowPairs: number;
  /** Counters of other groups. */
  readonly groups: number;
}

/**
 * An event has 6 MB, which is 27,000 records of a line each, so only records of many lines can hold more. A new on-demand
 * table takes 4,000 writes a second (DynamoDB Developer Guide, "On-demand capacity mode"): ten seconds of an invocation's
 * five minutes.
 */
export const counterLimits: CounterLimits = { pairs: 30_000, overflowPairs: 1000, groups: 10_000 };

/** What a flood was bounded to. */
export interface BoundedCounters {
  readonly builders: readonly DeltaBuilder[];
  /** The groups, other than pairs, of which nothing was counted. */
  readonly droppedGroups: number;
}

/**
 * Bounds what a batch may touch: a scan or a flood with spoofed addresses makes a counter of each packet. Up to the
 * limits nothing is changed. Beyond, the pairs with the most bytes and those with the most flows are counted as ever, and
 * the light ones together: those of a source with many targets as `source > *`, those of a target with many sources as
 * `* > target`, and what is left as `* > *`. So every byte and every reject is counted once, the heavy pairs and the one
 * who scans are exact, and the same batch always collapses in the same way. Groups other than pairs cannot be counted
 * together; of those the ones with the most flows are kept.
 */
export function boundCounters(built: Iterable<DeltaBuilder>, limits: CounterLimits = counterLimits): BoundedCounters {
  const all = [...built];
  const pairs = all.filter(({ isPair }) => isPair);
  const groups = all.filter(({ isPair }) => !isPair);
  const keptGroups = groups.length <= limits.groups ? groups : groups.toSorted(byFlows).slice(0, limits.groups);
  return {
    builders: [...(pairs.length <= limits.pairs ? pairs : overflowPairs(pairs, limits)), ...keptGroups],
    droppedGroups: groups.length - keptGroups.length,
  };
}

function overflowPairs(pairs: readonly DeltaBuilder[], limits: CounterLimits): DeltaBuilder[] {
  const room = limits.pairs - limits.overflowPairs;
  const heavy = new Set(pairs.toSorted((a, b) => compare(b.bytes, a.bytes)).slice(0, Math.floor(room / 2)));
  for (const pair of pairs.toSorted(byFlows)) if (heavy.size < room) heavy.add(pair);
  const light = pairs.filter((pair) => !heavy.has(pair));
  const together = groupsOf(light).toSorted((a, b) => b.members.length - a.members.length);
  const kept = together.slice(0, limits.overflowPairs - 1);
  const rest = together.slice(limits.overflowPairs - 1).flatMap(({ members }) => members);
  const collapsed = [...kept, ...(rest.length > 0 ? [{ src: anyAddress, dst: anyAddress, members: rest }] : [])];
  return [...pairs.filter((pair) => heavy.has(pair)), ...collapsed.map(builderOf)];
}

interface OverflowGroup {
  readonly src: string;
  readonly dst: string;
  readonly members: readonly DeltaBuilder[];
}

/** Each light pair goes with its source or its target, whichever has more of them. */
function groupsOf(light: readonly DeltaBuilder[]): OverflowGroup[] {
  const end = (name: string) => (pair: DeltaBuilder) => pair.key.fields.get(name)!;
  const [src, dst] = [end('srcaddr'), end('dstaddr')];
  const bySource = Map.groupBy(light, src);
  const byTarget = Map.groupBy(light, dst);
  const goesWithSource = (pair: DeltaBuilder) => bySource.get(src(pair))!.length >= byTarget.get(dst(pair))!.length;
  return [
    ...[...Map.groupBy(light.filter(goesWithSource), src)].map(([address, members]) => ({
      src: address,
      dst: anyAddress,
      members,
    })),
    ...[
      ...Map.groupBy(
        light.filter((pair) => !goesWithSource(pair)),
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
