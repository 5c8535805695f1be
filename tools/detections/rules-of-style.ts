import { scenarioOf } from '../../events/corpus.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import type { CompileOptions } from '../../sigma/compile/compile-rules.ts';
import { parseNetworks } from '../../sigma/compile/monitored-network.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

/**
 * Compiles the shipped rules. The CIDR blocks of a style's hosts, which all have flow logs, are the monitored networks.
 *
 * @param options see compileRules
 */
export function rulesOfStyle(style: string, options?: CompileOptions): RuleSet {
  const { network } = scenarioOf(style).style;
  return {
    ...compileRuleDirectory(undefined, undefined, options),
    monitoredNetworks: parseNetworks(network.cidrBlocks),
  };
}
