import type { NetworkRange } from './geo-table-bytes.ts';
import { addMerged, overlaps } from './merge-ranges.ts';
import type { NetworkSource } from './network-source.ts';

/**
 * Joins sources address by address. The first source that knows the country of an address counts, and so for the
 * operator. Adjacent ranges with the same facts are merged.
 */
export function joinSources(sources: readonly NetworkSource[]): NetworkSource {
  return sources.reduce((a, b) => ({
    networks: {
      ipv4: joined(a.networks.ipv4, b.networks.ipv4),
      ipv6: joined(a.networks.ipv6, b.networks.ipv6),
    },
    operatorNames: new Map([...b.operatorNames, ...a.operatorNames]),
    leftOut: [...a.leftOut, ...b.leftOut],
  }));
}

function joined(listA: readonly NetworkRange[], listB: readonly NetworkRange[]): NetworkRange[] {
  const ranges: NetworkRange[] = [];
  for (const { first, last, a, b } of overlaps(listA, listB))
    addMerged(ranges, { first, last, country: a?.country ?? b?.country, asn: a?.asn ?? b?.asn });
  return ranges;
}
