import type { RuleSet } from '../../lambda/rules/model.ts';
import {
  type MonitoredNetworks,
  monitoredNetworksOf,
  type ScopedOptions,
  scopeOf,
} from '../monitored-networks/monitored-networks.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';

/**
 * Compiles the rules of a run with its monitored networks, and with its scope.
 *
 * @throws as compiledRules and monitoredNetworksOf
 */
export function monitoredRules(options: RuleOptions & ScopedOptions): {
  readonly ruleSet: RuleSet;
  readonly monitored: MonitoredNetworks;
} {
  const compiled = compiledRules(options);
  const monitored = monitoredNetworksOf(compiled, options);
  const scope = scopeOf(options);
  return { ruleSet: { ...compiled, monitoredNetworks: monitored.networks, ...(scope && { scope }) }, monitored };
}
