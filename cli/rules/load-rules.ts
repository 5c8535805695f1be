import { readdirSync } from 'node:fs';
import { messageOf } from '../../lambda/common/errors.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { compileRuleDirectory, defaultRulesDirectory } from '../../sigma/rule-directory.ts';
import { InputError } from '../terminal/input-error.ts';

/** Which rules a command is about. */
export interface RuleOptions {
  readonly rules?: string;
  readonly networks?: string;
}

/** A directory of rules that is there. */
export function directoryOf({ rules = defaultRulesDirectory }: RuleOptions): string {
  try {
    readdirSync(rules);
    return rules;
  } catch (error) {
    throw new InputError(`the rules cannot be read: ${messageOf(error)}`);
  }
}

/** @throws FlowError `RULE_INVALID` as compileRuleDirectory does; InputError when the directory is not there */
export function compiledRules(options: RuleOptions): RuleSet {
  return compileRuleDirectory(directoryOf(options), options.networks);
}

/**
 * The rules of those names, in the set's order; all of them for none.
 *
 * @throws InputError that names each that is not there
 */
export function rulesNamed(names: readonly string[], { rules }: RuleSet): Rule[] {
  const missing = names.filter((name) => !rules.some((rule) => rule.name === name));
  if (missing.length > 0) {
    const known = rules.map(({ name }) => name).join(', ');
    throw new InputError(`no rule is named ${missing.join(', ')}; there are ${known}`);
  }
  return rules.filter(({ name }) => names.length === 0 || names.includes(name));
}
