import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FlowError } from '../../lambda/common/errors.ts';
import { insideNetworksOf } from '../../lambda/rules/load.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { isYamlFile, readTextFile, shownPath } from '../rule-directory.ts';
import { type Example, readExamples } from './rule-examples.ts';

/** A rule with its examples. */
export interface RuleExamples {
  readonly rule: Rule;
  /** The file for the examples, whether it exists or not, relative to the working directory. */
  readonly path: string;
  /** Undefined without such a file. */
  readonly examples: readonly Example[] | undefined;
}

/** Returns the path of a rule's examples: an existing file, or the file to write. */
export function examplesFile(directory: string, rule: string): string {
  const names = [`${rule}.yml`, `${rule}.yaml`].map((name) => join(directory, 'examples', name));
  return names.find(existsSync) ?? names[0]!;
}

/**
 * Reads the examples of each rule: `examples/NAME.yml` in the rules' directory.
 *
 * @throws FlowError `RULE_INVALID` with one problem a line, including files whose rule does not exist
 */
export function readExampleDirectory(directory: string, ruleSet: RuleSet): RuleExamples[] {
  const { rules, off = [] } = ruleSet;
  const insideNetworks = insideNetworksOf(ruleSet);
  const problems = orphanProblems(directory, [...rules, ...off]);
  const found = rules.map((rule): RuleExamples => {
    const path = examplesFile(directory, rule.name);
    const file = existsSync(path) ? readTextFile(path) : undefined;
    const examples = file && readExamples(file, rule, insideNetworks, problems);
    return { rule, path: shownPath(path), examples };
  });
  if (problems.length > 0) throw new FlowError('RULE_INVALID', problems.join('\n'));
  return found;
}

/** Returns the problems of all examples that can be found without the rules, which are invalid. */
export function exampleProblems(directory: string): string[] {
  const folder = join(directory, 'examples');
  const problems: string[] = [];
  for (const file of existsSync(folder) ? readdirSync(folder).filter(isYamlFile).sort() : []) {
    readExamples(readTextFile(join(folder, file)), {}, [], problems);
  }
  return problems;
}

/** Returns a problem for each file of examples whose rule was renamed or removed. */
function orphanProblems(directory: string, rules: readonly Pick<Rule, 'name'>[]): string[] {
  const folder = join(directory, 'examples');
  if (!existsSync(folder)) return [];
  const names = new Set(rules.map(({ name }) => name));
  return readdirSync(folder)
    .filter((file) => isYamlFile(file) && !names.has(file.replace(/\.ya?ml$/i, '')))
    .sort()
    .map(
      (file) =>
        `${shownPath(join(folder, file))}:1: the rule of these examples does not exist; rename or remove the file`,
    );
}
