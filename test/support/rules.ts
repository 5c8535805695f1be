import type { Network } from '../../lambda/networks/ip-address.ts';
import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRules, everyRule } from '../../sigma/compile/compile-rules.ts';
import { readNetworkLists } from '../../sigma/compile/network-lists.ts';
import type { NetworkLists } from '../../sigma/compile/selection.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

/** Reads named lists from the text of a networks file and of the files that it refers to. */
export function readLists(text: string, files: Readonly<Record<string, string>> = {}): NetworkLists {
  return readNetworkLists({ path: 'networks.yml', text }, (path) => {
    const file = files[path];
    return file === undefined ? { problem: `${path} cannot be read` } : { path, text: file };
  });
}

export const networks = readLists('internal_networks: [10.0.0.0/8, "fc00::/7"]\nsuspicious_ranges: [203.0.113.0/24]\n');

/** The rules of this repository. */
export const defaultRules: LoadedRules = loadRules(compileRuleDirectory());

/** Four rules that need only the fields of the default format: for tests that need any rules. */
export const fewRules: LoadedRules = only(
  'data_exfiltration',
  'lateral_movement',
  'rejects_from_suspicious_ranges',
  'repeated_rejects',
);

function only(...names: string[]): LoadedRules {
  const ruleSet = compileRuleDirectory();
  const rules = ruleSet.rules.filter(({ name }) => names.includes(name));
  const ids = new Set(rules.flatMap(allSeriesOf));
  return loadRules({ ...ruleSet, rules, series: ruleSet.series.filter(({ id }) => ids.has(id)) });
}

export const noRules: LoadedRules = loadRules({
  rules: [],
  series: [],
  filters: [],
  monitoredNetworks: [],
  internalNetworks: [],
  lists: [],
});

/** Returns rules with 10.0.0.0/16 as the monitored network, which flows in tests are from. */
export function monitored<T extends { readonly monitoredNetworks: readonly Network[] }>(rules: T): T {
  return { ...rules, monitoredNetworks: [{ groups: [0x0a00, 0], length: 16 }] };
}

/** Returns a rule file with a correlation over all flows that match a selection. Selection and correlation are YAML. */
export function ruleText(selection: string, correlation: string, alert = ''): string {
  return `
title: Some flow
name: some_flow
logsource: {product: aws, service: vpcflow}
detection: {selection: ${selection}, condition: selection}
---
title: Some rule
level: high
correlation: {rules: [some_flow], ${correlation}}
${alert}`;
}

/** Compiles and loads rule files, with those that need a table of regions. */
export function rulesOf(...texts: string[]): LoadedRules {
  return loadRules(ruleSetOf(texts, networks));
}

/** Compiles rule files, with those that need a table of regions. */
export function ruleSetOf(texts: readonly string[], lists: NetworkLists): RuleSet {
  const files = texts.map((text, index) => ({ path: `rules/rule_${index}.yml`, text }));
  return compileRules(files, lists, everyRule);
}
