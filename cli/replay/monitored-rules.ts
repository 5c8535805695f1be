import type { RuleSet } from '../../lambda/rules/model.ts';
import {
  type MonitoredNetworkOptions,
  type MonitoredNetworks,
  monitoredNetworksOf,
} from '../monitored-networks/monitored-networks.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';

/** Compiles the rules of a run with its monitored networks. @throws as compiledRules and monitoredNetworksOf */
export function monitoredRules(options: RuleOptions & MonitoredNetworkOptions): {
  readonly ruleSet: RuleSet;
  readonly monitored: MonitoredNetworks;
} {
  const compiled = compiledRules(options);
  const monitored = monitoredNetworksOf(compiled, options);
  return { ruleSet: { ...compiled, monitoredNetworks: monitored.networks }, monitored };
}
