import { notAvailable } from '../../lambda/flow-log/fields.ts';
import { type CurrentRegions, regionFields } from '../../lambda/flow-log/region-fields.ts';
import type { GeoEntry } from '../../lambda/geo/geo-table.ts';

/** Facts about the addresses of a flow, as an example writes them. */
export type WrittenRegions = readonly (readonly [address: string, entry: GeoEntry])[];

/**
 * Returns what a flow of an example says about its addresses.
 *
 * @param given the values of the written fields, with those of regions
 * @param addressOf returns an endpoint of the flow
 */
export function writtenRegions(
  given: ReadonlyMap<string, string>,
  addressOf: (name: 'srcaddr' | 'dstaddr') => string,
): WrittenRegions {
  return [...regionFields].flatMap(([name, { address, fact }]) => {
    const text = given.get(name);
    if (text === undefined || text === notAvailable) return [];
    return [[addressOf(address), { [fact]: fact === 'asn' ? Number(text) : text }] as const];
  });
}

/** Returns a fact that flows of an example state differently for the same address; undefined if they agree. */
export function regionConflict(written: readonly WrittenRegions[]): string | undefined {
  const known = new Map<string, unknown>();
  for (const [address, entry] of written.flat()) {
    for (const [fact, value] of Object.entries(entry)) {
      const name = `${address} ${fact}`;
      if (known.has(name) && known.get(name) !== value)
        return `${address} has two values: ${known.get(name)} and ${value}; write one of them`;
      known.set(name, value);
    }
  }
  return undefined;
}

/**
 * Returns the table of the regions that the flows of an example name. Flows agree: see regionConflict.
 *
 * @param dataTime the time of the data in epoch seconds
 */
export function regionsOfExample(
  written: readonly WrittenRegions[],
  dataTime: number,
): NonNullable<CurrentRegions['current']> {
  const entries = new Map<string, GeoEntry>();
  for (const [address, entry] of written.flat()) entries.set(address, { ...entries.get(address), ...entry });
  return { dataTime, lookup: (address) => entries.get(address) };
}
