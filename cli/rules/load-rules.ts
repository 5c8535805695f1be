import { readdirSync } from 'node:fs';
import { enumerated } from '../../lambda/common/text.ts';
import { seriesOfRules } from '../../lambda/rules/correlation.ts';
import type { Rule, RuleSet } from '../../lambda/rules/model.ts';
import { didYouMean } from '../../lib/settings/closest-name.ts';
import { type CompileOptions, everyRule } from '../../sigma/compile/compile-rules.ts';
import { offText } from '../../sigma/compile/off-rules.ts';
import { defaultRulesDirectory } from '../../sigma/default-rules.ts';
import { compileRuleDirectory } from '../../sigma/rule-directory.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';

/** The rules that a command works on. */
export interface RuleOptions {
  readonly rules?: string;
  readonly networks?: string;
}

/** Returns the directory of rules. @throws InputError for a missing directory */
export function directoryOf({ rules = defaultRulesDirectory }: RuleOptions): string {
  try {
    readdirSync(rules);
    return rules;
  } catch (error) {
    throw new InputError(`the rules folder ${rules} cannot be read: ${fileErrorText(error)}`);
  }
}

/**
 * Compiles the rules.
 *
 * @param compile default: with the rules that need a table of regions, or events
 * @throws FlowError `RULE_INVALID` for invalid rules; InputError for a missing directory
 */
export function compiledRules(options: RuleOptions, compile: CompileOptions = everyRule): RuleSet {
  return compileRuleDirectory(directoryOf(options), options.networks, compile);
}

/**
 * Returns the named rules, in the order of the set (default: all).
 *
 * @throws InputError that names the unknown rules, and the rules that are off
 */
export function rulesNamed(names: readonly string[], { rules, off = [] }: RuleSet): Rule[] {
  const missing = names.filter((name) => !rules.some((rule) => rule.name === name));
  const [first, ...others] = off.filter(({ name }) => missing.includes(name));
  if (first) {
    const names = [first, ...others.filter(({ needs }) => needs === first.needs)].map(({ name }) => name);
    const hint = first.needs === 'regions' ? '; give one by --geo FILE' : '; replay reads them by --context PATH';
    throw new InputError(`the rule ${enumerated(names)} is ${offText(first)}${hint}`);
  }
  if (missing.length > 0) {
    const known = rules.map(({ name }) => name);
    const hint = missing.length === 1 ? didYouMean(missing[0]!, known) : '';
    throw new InputError(`unknown rule: ${missing.join(', ')}, expected one of ${known.join(', ')}${hint}`);
  }
  return rules.filter(({ name }) => names.length === 0 || names.includes(name));
}

/**
 * Returns the rule set with only the named rules. A rule gives the same alerts as in the full set.
 *
 * @param names names of rules (default: all)
 * @throws InputError that names the unknown rules
 */
export function onlyRules(names: readonly string[] | undefined, ruleSet: RuleSet): RuleSet {
  if (names === undefined) return ruleSet;
  return withRules(rulesNamed(names, ruleSet), ruleSet);
}

/** Returns the rule set with only some of its rules, and the series that they read. */
export function withRules(rules: readonly Rule[], ruleSet: RuleSet): RuleSet {
  return { ...ruleSet, rules, series: seriesOfRules(rules, ruleSet.series) };
}
