import { detachString } from '../common/detach-string.ts';
import type { Quantity } from '../common/quantity.ts';
import { anyAddress } from '../counters/counter-key.ts';
import type { CounterSizes } from './counter-map.ts';

/** The maximum numbers of counters that one batch may touch. */
export interface CounterLimits {
  readonly pairs: number;
  /** How many of the pairs may be overflow pairs, which count several light pairs together. */
  readonly overflowPairs: number;
  /** The overflow pairs of a batch with only refused pairs above their budget. */
  readonly refusedOverflowPairs: number;
  /** Counters of groups other than pairs. */
  readonly groups: number;
}

/**
 * The limits by default. An event of 6 MB has at most 27,000 records of one line, so only records of many lines exceed
 * them. A new on-demand table takes 4,000 writes a second (DynamoDB Developer Guide, "On-demand capacity mode"): ten
 * seconds of an invocation's five minutes.
 */
export const counterLimits: CounterLimits = {
  pairs: 30_000,
  overflowPairs: 1000,
  refusedOverflowPairs: 16,
  groups: 10_000,
};

/** What a batch adds to one counter, as far as the choice of counters needs it. */
export interface CounterSize {
  /** Bytes of accepted flows. */
  readonly bytes: Quantity;
  readonly rejects: number;
  /** Number of flows. */
  readonly flows: number;
}

/** Light pairs that are counted together. */
export interface OverflowPair {
  /** The name of the pair, with a wildcard for an endpoint, and with their common scope. */
  readonly name: string;
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

/** The counters of refused sources above their budget: see refused.ts. */
export interface Excess {
  /** Names of pairs to count together, with the only port of each; undefined for a pair with several ports. */
  readonly pairs: ReadonlyMap<string, string | undefined>;
  /** Groups to drop. */
  readonly groups: readonly { readonly fields: string; readonly name: string }[];
}

/** The excess of a batch within the budget. */
export const noExcess: Excess = { pairs: new Map(), groups: [] };

/**
 * Chooses the counters of a batch, since a scan or a flood with spoofed addresses creates one per packet. Pairs with the
 * most bytes or flows stay exact; light pairs are counted in overflow counters `source > *`, `* > target` and `* > *`.
 * Groups other than pairs cannot be counted together: those with the most flows stay, and the others are dropped.
 * See docs/decisions/0007-floods-are-bounded.md and 0024-refused-pairs-have-a-budget.md.
 */
export function planCounters(
  sizes: CounterSizes<CounterSize>,
  limits: CounterLimits,
  excess: Excess = noExcess,
): CounterPlan {
  const light = lightPairs(sizes, limits, excess);
  const overflow = light.length > excess.pairs.size ? limits.overflowPairs : limits.refusedOverflowPairs;
  return {
    overflow: light.length === 0 ? everyCounter.overflow : overflowOf(light, overflow, excess),
    droppedGroups: droppedGroups(sizes, limits, excess),
  };
}

/** Returns the names of the excess pairs, and of all pairs but the heavy ones if the others are too many. */
function lightPairs({ pairs }: CounterSizes<CounterSize>, limits: CounterLimits, excess: Excess): string[] {
  const others = excess.pairs.size === 0 ? [...pairs] : [...pairs].filter(([name]) => !excess.pairs.has(name));
  const refusedOverflow = excess.pairs.size === 0 ? 0 : limits.refusedOverflowPairs;
  if (others.length + refusedOverflow <= limits.pairs) return [...excess.pairs.keys()];
  const maxHeavy = limits.pairs - limits.overflowPairs;
  const byBytes = others.toSorted(([, a], [, b]) => compare(b.bytes, a.bytes));
  const heavy = new Set(byBytes.slice(0, Math.floor(maxHeavy / 2)).map(([name]) => name));
  for (const [name] of others.toSorted(byFlows)) if (heavy.size < maxHeavy) heavy.add(name);
  return [...pairs.keys()].filter((name) => !heavy.has(name));
}

/**
 * Returns the overflow pair of each light pair. Half of the overflow pairs are for the ports of a target with the most
 * excess pairs. The others are of a source or a target, and one is of any. Pairs of different scopes share none, so
 * more scopes than overflow pairs add one for each scope.
 */
function overflowOf(light: readonly string[], maxPairs: number, excess: Excess): Map<string, OverflowPair> {
  const byPort = largest(portGroups(excess), excess.pairs.size > 0 ? Math.floor(maxPairs / 2) : 0);
  const isOfPort = new Set(byPort.flatMap(({ members }) => members));
  const others = light.filter((name) => !isOfPort.has(name));
  const scopes = new Set(light.map(scopeOf)).size;
  const byAddress = largest(groupsOf(others), Math.max(0, maxPairs - byPort.length - scopes));
  const isOfAddress = new Set(byAddress.flatMap(({ members }) => members));
  const rest = groupBy(
    others.filter((name) => !isOfAddress.has(name)),
    (name) => `${anyAddress} ${anyAddress}${scopeOf(name)}`,
  );
  const overflow = new Map<string, OverflowPair>();
  for (const { name: shared, members } of [...byPort, ...byAddress, ...rest]) {
    const pair = { name: detachString(shared), pairs: members.length };
    for (const member of members) overflow.set(member, pair);
  }
  return overflow;
}

function largest(groups: readonly OverflowGroup[], count: number): OverflowGroup[] {
  return groups.toSorted((a, b) => b.members.length - a.members.length).slice(0, count);
}

/** Groups the excess pairs that have one port by their target and port, in groups of two or more. */
function portGroups({ pairs }: Excess): OverflowGroup[] {
  const withPort = [...pairs].filter(([, port]) => port !== undefined).map(([name]) => name);
  const ofPort = (name: string) => `${anyAddress}:${pairs.get(name)} ${targetOf(name)}${scopeOf(name)}`;
  return groupBy(withPort, ofPort).filter(({ members }) => members.length > 1);
}

/** Light pairs that are counted together, and the name of the overflow pair. */
interface OverflowGroup {
  readonly name: string;
  readonly members: readonly string[];
}

/** Groups each light pair by its source or its target, whichever has more light pairs. */
function groupsOf(light: readonly string[]): OverflowGroup[] {
  const ofSource = (name: string) => `${sourceOf(name)} ${anyAddress}${scopeOf(name)}`;
  const ofTarget = (name: string) => `${anyAddress} ${targetOf(name)}${scopeOf(name)}`;
  const bySource = Map.groupBy(light, ofSource);
  const byTarget = Map.groupBy(light, ofTarget);
  const isOfSource = (name: string) => bySource.get(ofSource(name))!.length >= byTarget.get(ofTarget(name))!.length;
  const others = light.filter((name) => !isOfSource(name));
  return [...groupBy(light.filter(isOfSource), ofSource), ...groupBy(others, ofTarget)];
}

function groupBy(light: readonly string[], nameOf: (light: string) => string): OverflowGroup[] {
  return [...Map.groupBy(light, nameOf)].map(([name, members]) => ({ name, members }));
}

function droppedGroups(
  { groups }: CounterSizes<CounterSize>,
  limits: CounterLimits,
  excess: Excess,
): CounterPlan['droppedGroups'] {
  const dropped = new Map<string, Set<string>>();
  const drop = (fields: string, name: string) => {
    const names = dropped.get(fields);
    if (names) names.add(name);
    else dropped.set(fields, new Set([name]));
  };
  for (const { fields, name } of excess.groups) drop(fields, name);
  const others = [...groups].flatMap(([fields, byName]) =>
    [...byName]
      .filter(([name]) => !dropped.get(fields)?.has(name))
      .map(([name, size]) => [name, size, fields] as const),
  );
  if (others.length <= limits.groups) return dropped;
  for (const [name, , fields] of others.toSorted(byFlows).slice(limits.groups)) drop(fields, name);
  return dropped;
}

type Entry = readonly [name: string, size: CounterSize, ...rest: unknown[]];

function byFlows([, a]: Entry, [, b]: Entry): number {
  return b.flows - a.flows;
}

function compare(a: Quantity, b: Quantity): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the source in the name of a pair. */
export function sourceOf(name: string): string {
  return name.slice(0, name.indexOf(' '));
}

function targetOf(name: string): string {
  return name.split(' ', 2)[1]!;
}

/** Returns the words of the scope in the name of a pair, with a blank before each; empty without a scope. */
export function scopeOf(name: string): string {
  const begin = name.indexOf(' ', name.indexOf(' ') + 1);
  return begin < 0 ? '' : name.slice(begin);
}
