import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { CorrelationDocument } from '../parse/schema.ts';
import type { Checked, Problem } from './problem.ts';
import { fieldOfSource } from './source-fields.ts';
import { fieldNamed } from './taxonomy.ts';

/** The names by which a correlation's aliases refer to a rule. */
export interface RuleReference {
  /** The rule's name; without one, its id or title. */
  readonly name: string;
  readonly id?: string | undefined;
}

/** A reference to a rule that selects flows or events. */
export interface SourcedReference extends RuleReference {
  /** The events that the rule selects. Default: flows. */
  readonly eventSource?: EventSource | undefined;
  /** The correlation within the rule that refers to this one, by which aliases may name it too. */
  readonly within?: RuleReference | undefined;
}

/** The key by which a correlation groups flows or events. */
export interface CorrelationKey {
  /** Field names and aliases, in the rule's order. */
  readonly groupBy: readonly string[];
  /** For each alias, the field in each rule, by the rule's name or id. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Reads a correlation's `group-by` and `aliases`.
 *
 * @param rules the detections that the correlation reads
 */
export function keyOf(
  correlation: CorrelationDocument['correlation'],
  rules: readonly SourcedReference[],
): Checked<CorrelationKey> {
  const aliases = correlation.aliases ?? {};
  const problems: Problem[] = [];
  const resolve = (name: string) => (Object.hasOwn(aliases, name) ? name : fieldOfAll(name, rules));
  const groupBy = correlation['group-by'].map((name, index) => {
    const path = ['correlation', 'group-by', index];
    const resolved = resolve(name);
    const first = correlation['group-by'].findIndex((other) => resolve(other) === resolved);
    if (typeof resolved !== 'string') problems.push({ path, text: resolved.problem });
    else if (first !== index) problems.push({ path, text: `group-by has ${name} twice` });
    return typeof resolved === 'string' ? resolved : name;
  });
  problems.push(...Object.entries(aliases).flatMap(([alias, ofRules]) => aliasProblems(alias, ofRules, rules)));
  return { value: { groupBy, aliases }, problems };
}

/** Returns the field that a name means in all rules. Rules of different log sources have no field in common. */
function fieldOfAll(name: string, rules: readonly SourcedReference[]): string | { readonly problem: string } {
  const [source, ...others] = new Set(rules.map(({ eventSource }) => eventSource));
  if (others.length > 0) {
    return {
      problem: `the rules have different log sources, so ${JSON.stringify(name)} needs an alias for each of them`,
    };
  }
  // A counter of this key belongs to flows: see counters/counter-key.ts.
  if (source && endpointNames.includes(name))
    return { problem: `an event has no ${name}; expected a path, or an alias` };
  return fieldOfSource(source, name);
}

const endpointNames = ['srcaddr', 'dstaddr'];

function aliasProblems(
  alias: string,
  fieldsOfRules: Readonly<Record<string, string>>,
  rules: readonly SourcedReference[],
): Problem[] {
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
  for (const [name, written] of Object.entries(fieldsOfRules)) {
    const field = fieldOfSource(rules.find((rule) => namesOf(rule).includes(name))?.eventSource, written);
    if (typeof field !== 'string') problems.push({ path: [...path, name], text: field.problem });
  }
  return problems;
}

/** Returns the names by which an alias may refer to a rule, the rule's own first. */
function namesOf({ name, id, within }: SourcedReference): string[] {
  return [name, id, within?.name, within?.id].filter((one) => one !== undefined);
}

/** Returns, for each part of the key, the field of the rule's flows or events that it is read from. */
export function keyFieldsOf(
  { groupBy, aliases }: CorrelationKey,
  rule: SourcedReference,
): Checked<Map<string, string>> {
  const problems: Problem[] = [];
  const resolved = (name: string) => {
    const field = fieldOfSource(rule.eventSource, name);
    return typeof field === 'string' ? field : name;
  };
  const fields = groupBy.map((key): [string, string] => {
    if (!Object.hasOwn(aliases, key)) return [key, resolved(key)];
    const alias = new Map(Object.entries(aliases[key]!));
    const [field] = namesOf(rule).flatMap((name) => alias.get(name) ?? []);
    if (field === undefined) {
      const text = `the alias ${key} has no field for the rule ${rule.name}; add one`;
      problems.push({ path: ['correlation', 'aliases', key], text });
    }
    return [key, resolved(field ?? key)];
  });
  return { value: new Map(fields), problems };
}

/** Returns the flow log's name of a field; undefined for an unknown field. */
export function flowLogName(name: string): string | undefined {
  const field = fieldNamed(name);
  return typeof field === 'string' ? field : undefined;
}
