import type { AddressSources } from '../../lambda/alert/address-sources.ts';
import type { KnownQuery } from '../../lambda/alert/dns-source.ts';
import { scopeHints } from '../names/who-cell.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';

/** Returns the names that the ends of pairs asked for; undefined without a source of DNS queries. */
export function pairQueries(pairs: readonly PairCounter[], { dns }: AddressSources): KnownQuery[] | undefined {
  if (!dns) return undefined;
  return pairs.flatMap(({ src, dst, scope, firstSeen, lastSeen }) => {
    const ends = [
      [src, dst],
      [dst, src],
    ] as const;
    return ends.flatMap(([host, address]) => {
      const found = dns.namesFor(host, address, { from: firstSeen, to: lastSeen }, scopeHints(scope).vpcs);
      return found?.askedBy === host ? { address, host, ...found } : [];
    });
  });
}
