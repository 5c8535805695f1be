import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FlowError } from '../../lambda/common/errors.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { isYamlFile, readSource, shownPath } from '../rule-directory.ts';
import { type Example, readExamples } from './rule-examples.ts';

/** A rule and its examples. */
export interface RuleExamples {
  readonly rule: Rule;
  /** The file that they are in, or are to be written to, as seen from the working directory. */
  readonly path: string;
  /** Undefined where there is no such file. */
  readonly examples: readonly Example[] | undefined;
}

/** The file of a rule's examples: that which there is, else the one to write. */
export function examplesFile(directory: string, rule: string): string {
  const names = [`${rule}.yml`, `${rule}.yaml`].map((name) => join(directory, 'examples', name));
  return names.find(existsSync) ?? names[0]!;
}

/**
 * Reads the examples of each rule: `examples/NAME.yml` in the rules' directory.
 *
 * @throws FlowError `RULE_INVALID` with each problem on a line of its own, among them a file of no rule
 */
export function readExampleDirectory(directory: string, { rules, monitoredNetworks }: RuleSet): RuleExamples[] {
  const problems = strays(directory, rules);
  const found = rules.map((rule): RuleExamples => {
    const path = examplesFile(directory, rule.name);
    const file = existsSync(path) ? readSource(path) : undefined;
    const examples = file && readExamples(file, rule, monitoredNetworks, problems);
    return { rule, path: shownPath(path), examples };
  });
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return found;
}

/** Files of examples whose rule was renamed or removed. */
function strays(directory: string, rules: readonly Rule[]): string[] {
  const folder = join(directory, 'examples');
  if (!existsSync(folder)) return [];
  const names = new Set(rules.map(({ name }) => name));
  return readdirSync(folder)
    .filter((file) => isYamlFile(file) && !names.has(file.replace(/\.ya?ml$/i, '')))
    .sort()
    .map((file) => `${shownPath(join(folder, file))}:1: these are examples of a rule that is not there`);
}
