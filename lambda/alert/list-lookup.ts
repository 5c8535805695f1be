import type { LoadedRules } from '../rules/loaded.ts';
import type { ListedName } from './known-names.ts';

/**
 * Returns the named lists with an address, in the order of the networks file, each with the smallest network that
 * contains the address. Returns an empty list for text that is not an address.
 *
 * @param time the time in epoch seconds at which an entry must not have expired
 */
export function lookupLists({ lists }: LoadedRules, address: string, time: number): ListedName[] {
  return [...lists.values()].flatMap(({ name, current }) => {
    const entry = current.lookup(address, time);
    if (!entry) return [];
    const { expires: _, ...listed } = entry;
    return [{ list: name, ...listed }];
  });
}
