import type { LoadedRules } from '../rules/loaded.ts';
import type { ListedName } from './known-names.ts';

/**
 * The named lists that an address is on, in the order of the networks file, each with the smallest network that holds
 * it. Empty for what is no address.
 *
 * @param time epoch seconds, at which an entry must not have expired
 */
export function lookupLists({ lists }: LoadedRules, address: string, time: number): ListedName[] {
  return [...lists.values()].flatMap(({ name, current }) => {
    const entry = current.lookup(address, time);
    if (!entry) return [];
    const { expires: _, ...said } = entry;
    return [{ list: name, ...said }];
  });
}
