import { createHash } from 'node:crypto';
import { isInAnyNetwork, type Network } from '../networks/ip-address.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { CounterSizes } from './counter-map.ts';
import { type CounterSize, scopeOf, sourceOf } from './overflow.ts';

/**
 * The counters of a batch that anyone outside can create, one with each spoofed packet: pairs of an outside source with
 * rejects only, and groups of a source that has no other pair of its scope in the batch.
 */
export interface RefusedCounters {
  /** Names of pairs, those with the most rejects first. They depend on the flows and the two lists of networks only. */
  readonly pairs: readonly string[];
  /** Names of other groups by their fields, those with the most flows first. */
  readonly groups: readonly { readonly fields: string; readonly name: string }[];
}

/** The numbers of refused pairs, and of other groups of refused sources, that a batch has or counts. */
export interface RefusedCounts {
  readonly pairs: number;
  readonly groups: number;
}

/** Limits that no batch exceeds. */
export const noRefusedLimits: RefusedCounts = { pairs: Number.POSITIVE_INFINITY, groups: Number.POSITIVE_INFINITY };

/**
 * Returns a hash of the networks that decide which pairs are refused, of eight characters. The monitored ones decide which
 * accepted flows a pair has: see isDuplicateObservation.
 */
export function hashOfNetworks({ insideNetworks, monitoredNetworks }: Networks): string {
  const deciding = monitoredNetworks.length === 0 ? insideNetworks : [insideNetworks, monitoredNetworks];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('base64url').slice(0, 8);
}

type Networks = Pick<LoadedRules, 'insideNetworks' | 'monitoredNetworks'>;

/** Finds the counters of refused sources. @param insideNetworks a source in none of them is outside */
export function refusedCounters(
  { pairs, groups }: CounterSizes<CounterSize>,
  insideNetworks: readonly Network[],
): RefusedCounters {
  const refused: [name: string, size: CounterSize][] = [];
  const others = new Set<string>();
  for (const [name, size] of pairs) {
    const isOutside = () => !isInAnyNetwork(sourceOf(name), insideNetworks);
    if (size.rejects > 0 && size.rejects === size.flows && isOutside()) refused.push([name, size]);
    else others.add(scopedSource(name));
  }
  if (refused.length === 0) return { pairs: [], groups: [] };
  const sources = new Set(refused.map(([name]) => scopedSource(name))).difference(others);
  const ofSources = [...groups].flatMap(([joined, byName]) => {
    const fields = joined.split(',');
    const index = fields.indexOf('srcaddr');
    if (index < 0) return [];
    const members = [...byName].filter(([name]) => {
      const words = name.split(' ');
      return sources.has([words[index], ...words.slice(fields.length)].join(' '));
    });
    return members.map(([name, { flows }]) => ({ fields: joined, name, flows }));
  });
  return {
    pairs: refused.toSorted(([, a], [, b]) => b.flows - a.flows).map(([name]) => name),
    groups: ofSources.toSorted((a, b) => b.flows - a.flows),
  };
}

/** Returns the source in the name of a pair, with the words of the pair's scope. */
function scopedSource(name: string): string {
  return sourceOf(name) + scopeOf(name);
}
