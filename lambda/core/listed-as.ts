import type { LoadedRules } from '../sigma/load.ts';

/** That an address is on a named list: by which of its networks, and what the list says of that. */
export interface Listing {
  readonly list: string;
  readonly network: string;
  readonly label?: string;
  readonly reason?: string;
}

/**
 * The named lists that an address is on, in the order of the networks file, each with the smallest network that holds
 * it. Empty for what is no address.
 *
 * @param time epoch seconds, at which an entry must not have expired
 */
export function listedAs({ lists }: LoadedRules, address: string, time: number): Listing[] {
  return [...lists.values()].flatMap(({ name, current }) => {
    const entry = current.lookup(address, time);
    if (!entry) return [];
    const { expires: _, ...said } = entry;
    return [{ list: name, ...said }];
  });
}
