import type { Origin } from '../decode/firehose-event.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { HostSources } from './address-sources.ts';
import type { Context } from './alert-body.ts';
import { lookupLists } from './list-lookup.ts';

/**
 * Returns what the alerts of a batch need besides their findings.
 *
 * @param arrival the time at which the lists of the rules are read, in epoch seconds
 */
export function alertContext(
  origin: Origin,
  rules: LoadedRules,
  arrival: number,
  { names, dns }: HostSources,
): Context {
  return {
    ...origin,
    lookupLists: (address) => lookupLists(rules, address, arrival),
    insideNetworks: rules.insideNetworks,
    names,
    regions: rules.regions.current,
    ...(rules.tagKeys.size > 0 && { tagKeys: rules.tagKeys }),
    dns,
  };
}
