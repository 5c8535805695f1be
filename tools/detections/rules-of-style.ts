import { scenarioOf } from '../../events/corpus.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { parseNetworks } from '../../sigma/compile/monitored-network.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

/** Compiles the shipped rules. The CIDR blocks of a style's hosts, which all have flow logs, are the monitored networks. */
export function rulesOfStyle(style: string): RuleSet {
  const { network } = scenarioOf(style).style;
  return { ...compileRuleDirectory(), monitoredNetworks: parseNetworks(network.cidrBlocks) };
}
