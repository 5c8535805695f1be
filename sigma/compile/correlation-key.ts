import type { CorrelationDocument } from '../parse/schema.ts';
import type { Checked, Problem } from './problem.ts';
import { fieldNamed } from './taxonomy.ts';

/** The names by which a correlation's aliases refer to a rule. */
export interface RuleReference {
  /** The rule's name; without one, its id or title. */
  readonly name: string;
  readonly id?: string | undefined;
}

/** The key by which a correlation groups flows. */
export interface CorrelationKey {
  /** Field names and aliases, in the rule's order. */
  readonly groupBy: readonly string[];
  /** For each alias, the field in each rule, by the rule's name or id. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Reads a correlation's `group-by` and `aliases`. */
export function keyOf(correlation: CorrelationDocument['correlation']): Checked<CorrelationKey> {
  const aliases = correlation.aliases ?? {};
  const problems: Problem[] = [];
  const resolve = (name: string) => (Object.hasOwn(aliases, name) ? name : flowLogName(name));
  const groupBy = correlation['group-by'].map((name, index) => {
    const path = ['correlation', 'group-by', index];
    const resolved = resolve(name);
    const first = correlation['group-by'].findIndex((other) => resolve(other) === resolved);
    if (resolved === undefined) problems.push({ path, text: unknownFieldText(name) });
    else if (first !== index) problems.push({ path, text: `group-by has ${name} twice` });
    return resolved ?? name;
  });
  problems.push(...Object.entries(aliases).flatMap(([alias, fieldsOfRules]) => aliasProblems(alias, fieldsOfRules)));
  return { value: { groupBy, aliases }, problems };
}

function aliasProblems(alias: string, fieldsOfRules: Readonly<Record<string, string>>): Problem[] {
  const path = ['correlation', 'aliases', alias];
  const problems: Problem[] = [];
  if (flowLogName(alias) !== undefined) {
    problems.push({ path, text: `the alias ${alias} has the name of a field; choose another name` });
  }
  if (!/^[\w.-]{1,64}$/.test(alias))
    problems.push({
      path,
      text: `the alias ${JSON.stringify(alias)} is invalid: expected up to 64 letters, digits and _ . -`,
    });
  for (const [rule, field] of Object.entries(fieldsOfRules)) {
    if (flowLogName(field) === undefined) problems.push({ path: [...path, rule], text: unknownFieldText(field) });
  }
  return problems;
}

/** Returns, for each part of the key, the field of the rule's flows that it is read from. */
export function keyFieldsOf({ groupBy, aliases }: CorrelationKey, rule: RuleReference): Checked<Map<string, string>> {
  const problems: Problem[] = [];
  const fields = groupBy.map((key): [string, string] => {
    if (!Object.hasOwn(aliases, key)) return [key, flowLogName(key) ?? key];
    const alias = new Map(Object.entries(aliases[key]!));
    const field = alias.get(rule.name) ?? (rule.id === undefined ? undefined : alias.get(rule.id));
    if (field === undefined) {
      const text = `the alias ${key} has no field for the rule ${rule.name}; add one`;
      problems.push({ path: ['correlation', 'aliases', key], text });
    }
    return [key, flowLogName(field ?? key) ?? key];
  });
  return { value: new Map(fields), problems };
}

/** Returns the flow log's name of a field; undefined for an unknown field. */
export function flowLogName(name: string): string | undefined {
  const field = fieldNamed(name);
  return typeof field === 'string' ? field : undefined;
}

/** Returns the problem with an unknown field's name; empty for a known field. */
export function unknownFieldText(name: string): string {
  const field = fieldNamed(name);
  return typeof field === 'string' ? '' : field.problem;
}
