import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import { loadRules } from '../../lambda/rules/load.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { compileRules } from '../../sigma/compile/compile-rules.ts';
import { readNetworkLists } from '../../sigma/compile/network-lists.ts';
import type { NetworkLists } from '../../sigma/compile/selection.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';

/** Rules for tests. */

/** Named lists, from the text of a networks file and of the files that it names. */
export function readLists(text: string, files: Readonly<Record<string, string>> = {}): NetworkLists {
  return readNetworkLists({ path: 'networks.yml', text }, (path) => {
    const file = files[path];
    return file === undefined ? { problem: `${path} cannot be read` } : { path, text: file };
  });
}

export const networks = readLists('internal_networks: [10.0.0.0/8, "fc00::/7"]\nsuspicious_ranges: [203.0.113.0/24]\n');

/** The rules that come with the program. */
export const defaultRules: LoadedRules = loadRules(compileRuleDirectory());

/** The first four of them, which need none but the default format's fields: for tests of what is done with any rule. */
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

export const noRules: LoadedRules = loadRules({ rules: [], series: [], filters: [], monitoredNetworks: [], lists: [] });

/** A correlation over all flows that match `selection`, as YAML flow text. */
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

export function rulesOf(...texts: string[]): LoadedRules {
  return loadRules(ruleSetOf(texts, networks));
}

export function ruleSetOf(texts: readonly string[], lists: NetworkLists): RuleSet {
  const files = texts.map((text, index) => ({ path: `rules/rule_${index}.yml`, text }));
  return compileRules(files, lists);
}
