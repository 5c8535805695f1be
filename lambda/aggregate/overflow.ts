import { detachString } from '../common/detach-string.ts';
import type { Quantity } from '../common/quantity.ts';
import { anyAddress } from '../counters/counter-key.ts';
import type { CounterSizes } from './counter-map.ts';

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

/** What a batch adds to one counter, as far as the choice of counters needs it. */
export interface CounterSize {
  /** Bytes of accepted flows. */
  readonly bytes: Quantity;
  /** Number of flows. */
  readonly flows: number;
}

/** Light pairs that are counted together. */
export interface OverflowPair {
  readonly src: string;
  readonly dst: string;
  /** Number of light pairs. */
  readonly pairs: number;
}

/** The choice of a batch's counters. */
export interface CounterPlan {
  /** The overflow pair of each light pair, by the light pair's name. */
  readonly overflow: ReadonlyMap<string, OverflowPair>;
  /** Names of groups other than pairs that are not counted, by their fields. */
  readonly droppedGroups: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The plan of a batch within the limits. */
export const everyCounter: CounterPlan = { overflow: new Map(), droppedGroups: new Map() };

/**
 * Chooses the counters of a batch, since a scan or a flood with spoofed addresses creates one per packet. Pairs with the
 * most bytes or flows stay exact; light pairs are counted in overflow counters `source > *`, `* > target` and `* > *`.
 * Groups other than pairs cannot be counted together: those with the most flows stay, and the others are dropped.
 * See docs/decisions/0007-floods-are-bounded.md.
 */
export function planCounters(sizes: CounterSizes<CounterSize>, limits: CounterLimits): CounterPlan {
  return {
    overflow: sizes.pairs.size <= limits.pairs ? everyCounter.overflow : overflowOf(lightPairs(sizes, limits), limits),
    droppedGroups: droppedGroups(sizes, limits),
  };
}

/** Returns the names of all pairs but the heavy ones. */
function lightPairs({ pairs }: CounterSizes<CounterSize>, limits: CounterLimits): string[] {
  const maxHeavy = limits.pairs - limits.overflowPairs;
  const entries = [...pairs];
  const byBytes = entries.toSorted(([, a], [, b]) => compare(b.bytes, a.bytes));
  const heavy = new Set(byBytes.slice(0, Math.floor(maxHeavy / 2)).map(([name]) => name));
  for (const [name] of entries.toSorted(byFlows)) if (heavy.size < maxHeavy) heavy.add(name);
  return [...pairs.keys()].filter((name) => !heavy.has(name));
}

/** Returns the overflow pair of each light pair: of its source or its target, or of any if these are too many. */
function overflowOf(light: readonly string[], { overflowPairs }: CounterLimits): Map<string, OverflowPair> {
  const groups = groupsOf(light).toSorted((a, b) => b.members.length - a.members.length);
  const largest = groups.slice(0, overflowPairs - 1);
  const rest = groups.slice(overflowPairs - 1).flatMap(({ members }) => members);
  const overflow = new Map<string, OverflowPair>();
  for (const { src, dst, members } of [...largest, { src: anyAddress, dst: anyAddress, members: rest }]) {
    const pair = { src: detachString(src), dst: detachString(dst), pairs: members.length };
    for (const name of members) overflow.set(name, pair);
  }
  return overflow;
}

/** Light pairs that are counted together, and the key that they share. */
interface OverflowGroup {
  readonly src: string;
  readonly dst: string;
  readonly members: readonly string[];
}

/** Groups each light pair by its source or its target, whichever has more light pairs. */
function groupsOf(light: readonly string[]): OverflowGroup[] {
  const bySource = Map.groupBy(light, sourceOf);
  const byTarget = Map.groupBy(light, targetOf);
  const isOfSource = (name: string) => bySource.get(sourceOf(name))!.length >= byTarget.get(targetOf(name))!.length;
  return [
    ...[...Map.groupBy(light.filter(isOfSource), sourceOf)].map(([address, members]) => ({
      src: address,
      dst: anyAddress,
      members,
    })),
    ...[
      ...Map.groupBy(
        light.filter((name) => !isOfSource(name)),
        targetOf,
      ),
    ].map(([address, members]) => ({ src: anyAddress, dst: address, members })),
  ];
}

function droppedGroups({ groups }: CounterSizes<CounterSize>, limits: CounterLimits): CounterPlan['droppedGroups'] {
  const all = [...groups].flatMap(([fields, byName]) =>
    [...byName].map(([name, size]) => [name, size, fields] as const),
  );
  if (all.length <= limits.groups) return everyCounter.droppedGroups;
  const dropped = Map.groupBy(all.toSorted(byFlows).slice(limits.groups), ([, , fields]) => fields);
  return new Map([...dropped].map(([fields, members]) => [fields, new Set(members.map(([name]) => name))]));
}

type Entry = readonly [name: string, size: CounterSize, ...rest: unknown[]];

function byFlows([, a]: Entry, [, b]: Entry): number {
  return b.flows - a.flows;
}

function compare(a: Quantity, b: Quantity): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sourceOf(name: string): string {
  return name.slice(0, name.indexOf(' '));
}

function targetOf(name: string): string {
  return name.slice(name.indexOf(' ') + 1);
}
