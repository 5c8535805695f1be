import type { RuleSet } from '../../lambda/rules/model.ts';
import {
  type MonitoredNetworks,
  monitoredNetworksOf,
  type ScopedOptions,
  scopeOf,
  tagFieldsOfStage,
} from '../monitored-networks/monitored-networks.ts';
import type { SourceOptions } from '../names/read-sources.ts';
import { compiledRules, type RuleOptions } from '../rules/load-rules.ts';

/**
 * Compiles the rules of a run with its monitored networks, its scope, and the keys of the tags in its flow logs.
 *
 * @param hasRegions see CompileOptions (default: whether the options name a table)
 * @param hasContext see CompileOptions (default: whether the options name context events)
 * @throws as compiledRules and monitoredNetworksOf
 */
export function monitoredRules(
  options: RuleOptions & ScopedOptions & Pick<SourceOptions, 'geo' | 'context'>,
  hasRegions = options.geo !== undefined,
  hasContext = options.context !== undefined,
): {
  readonly ruleSet: RuleSet;
  readonly monitored: MonitoredNetworks;
} {
  const compiled = compiledRules(options, { hasRegions, hasContext });
  const monitored = monitoredNetworksOf(compiled, options);
  const scope = scopeOf(options);
  const tagFields = tagFieldsOfStage(options);
  const ruleSet = {
    ...compiled,
    monitoredNetworks: monitored.networks,
    ...(scope && { scope }),
    ...(tagFields && { tagFields }),
  };
  return { ruleSet, monitored };
}
