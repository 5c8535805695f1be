import { parseNetwork } from '../core/address.ts';
import { checkedValue, expectation } from '../core/field-value.ts';
import { type FieldKind, fields, notAvailable } from '../core/fields.ts';
import { unpacked } from '../core/network-entry.ts';
import type { NamedList, PatternPart, Predicate, ValueTest } from './compiled.ts';
import { isLike } from './match.ts';
import type { Path } from './source.ts';

/** The named lists of networks, for `expand`, by their names. */
export type NetworkLists = ReadonlyMap<string, NamedList>;

/** Told of each thing in a selection that cannot be compiled: where it stands, what is wrong. */
export type Report = (path: Path, problem: string) => void;

/** How deep lists may be nested; an alias may refer to what it is in. */
const maxDepth = 8;

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
const modifiers = ['cidr', 'startswith', 'endswith', 'contains', ...comparisons, 'exists', 'expand'];

/**
 * Compiles one selection (Sigma Rules Specification 2.1, "Search-Identifier"): a map of fields that must all match, or a
 * list of such maps of which one must.
 *
 * @param path where the selection stands in its document
 */
export function compileSelection(selection: unknown, path: Path, networks: NetworkLists, report: Report): Predicate {
  if (path.length > maxDepth) {
    report(path, 'the selection is nested too deeply');
    return { any: [] };
  }
  if (Array.isArray(selection)) {
    if (selection.length === 0) report(path, 'the list is empty');
    return { any: selection.map((part, index) => compileSelection(part, [...path, index], networks, report)) };
  }
  if (typeof selection !== 'object' || selection === null) {
    report(path, 'a keyword search is not supported: a flow record has fields, expected a map such as dstport: 22');
    return { any: [] };
  }
  const entries = Object.entries(selection);
  if (entries.length === 0) report(path, 'the selection is empty');
  return {
    all: entries.map(([key, value]) =>
      compileField(key, value, networks, (problem) => report([...path, key], `${key}: ${problem}`)),
    ),
  };
}

function compileField(
  key: string,
  value: unknown,
  networks: NetworkLists,
  report: (problem: string) => void,
): Predicate {
  const [field = '', ...chain] = key.split('|');
  const unknown = chain.find((modifier) => !modifiers.includes(modifier));
  if (!fields.has(field)) {
    report(`${JSON.stringify(field)} is no field of VPC Flow Logs`);
  } else if (unknown !== undefined) {
    report(`the modifier ${JSON.stringify(unknown)} is not supported, expected ${modifiers.join(', ')}`);
  } else {
    const values = expanded(Array.isArray(value) ? value : [value], chain, networks, report);
    const kinds = chain.filter((modifier) => modifier !== 'expand');
    if (kinds.length > 1) report(`the modifiers ${kinds.join(' and ')} do not go together`);
    else if (values.length === 0) report('has no values');
    else return { field, tests: testsOf(field, kinds[0], values, report) };
  }
  return { any: [] };
}

/** Stands among the values of a selection for a list that is looked up when the rule runs. */
class ListReference {
  readonly list: string;

  constructor(list: string) {
    this.list = list;
  }
}

function expanded(
  values: readonly unknown[],
  chain: readonly string[],
  networks: NetworkLists,
  report: (problem: string) => void,
): unknown[] {
  if (!chain.includes('expand')) return [...values];
  return values.flatMap((value): unknown[] => {
    const name = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
    const list = name === undefined ? undefined : networks.get(name);
    if (name === undefined) report(`expand takes a name such as %internal_networks%, got ${shown(value)}`);
    else if (!list)
      report(`the networks file has no list ${JSON.stringify(name)}, only ${[...networks.keys()].join(', ')}`);
    if (!list?.referenced) return (list?.entries ?? []).map((entry) => unpacked(entry).network);
    if (!chain.includes('cidr')) report(`${value} is a list to look up, expected the modifiers cidr and expand`);
    return [new ListReference(list.name)];
  });
}

function testsOf(
  field: string,
  modifier: string | undefined,
  values: readonly unknown[],
  report: (problem: string) => void,
): ValueTest[] {
  if (modifier === 'exists') {
    if (values.length === 1 && typeof values[0] === 'boolean') return [{ exists: values[0] }];
    report('exists takes true or false');
    return [];
  }
  if (modifier === 'cidr') {
    if (fields.get(field)?.kind !== 'address') report('cidr needs a field that holds addresses');
    const lists = values.filter((one) => one instanceof ListReference);
    const cidr = networksOf(
      values.filter((one) => !(one instanceof ListReference)),
      report,
    );
    return [...(cidr.length > 0 ? [{ cidr }] : []), ...lists.map(({ list }) => ({ list }))];
  }
  const comparison = comparisons.find((name) => name === modifier);
  if (comparison) return values.flatMap((value) => comparisonOf(field, comparison, value, report));
  return textTests(field, modifier, values, report);
}

function networksOf(values: readonly unknown[], report: (problem: string) => void) {
  return values.flatMap((value) => {
    const network = parseNetwork(String(value));
    if (!('problem' in network)) return [network];
    report(network.problem);
    return [];
  });
}

function comparisonOf(
  field: string,
  compare: (typeof comparisons)[number],
  value: unknown,
  report: (problem: string) => void,
): ValueTest[] {
  const kind = fields.get(field)?.kind;
  if (typeof kind !== 'string' || kind === 'string' || kind === 'address')
    report(`${compare} needs a field that holds numbers`);
  else if (typeof value !== 'number' || !Number.isFinite(value))
    report(`${compare} takes a number, got ${shown(value)}`);
  else return [{ compare, to: value }];
  return [];
}

/** Plain values together in one set; those with wildcards each as a pattern; null for a field that is not available. */
function textTests(
  field: string,
  modifier: string | undefined,
  values: readonly unknown[],
  report: (problem: string) => void,
): ValueTest[] {
  const plain: string[] = [];
  const tests: ValueTest[] = [];
  for (const value of values) {
    if (value === null && modifier === undefined) tests.push({ exists: false });
    else if (typeof value !== 'string' && typeof value !== 'number') {
      report(`expected text or a number, got ${shown(value)}`);
    } else {
      const pattern = patternOf(String(value), modifier);
      const text = pattern.length === 1 ? pattern[0] : pattern.length === 0 ? '' : undefined;
      if (typeof text === 'string') plain.push(plainValue(field, text, report));
      else tests.push({ like: checkedPattern(field, pattern, report) });
    }
  }
  return plain.length > 0 ? [{ in: plain }, ...tests] : tests;
}

function plainValue(field: string, text: string, report: (problem: string) => void): string {
  const kind = fields.get(field)!.kind;
  if (kind === 'string') {
    if (text === notAvailable) report('"-" stands for what is not available, expected null');
    else if (!/^\S+$/.test(text)) report(`never is ${JSON.stringify(text)}, expected text without white space`);
    return text;
  }
  const value = checkedValue(text.toUpperCase(), kind) ?? checkedValue(text, kind);
  if (value !== undefined) return value.toLowerCase();
  const hint = kind === 'address' ? '; for a part of one use cidr or startswith' : '';
  report(`never is ${JSON.stringify(text)}, expected ${expectation(kind)}${hint}`);
  return text;
}

/** A pattern that no value of the field can fit is a mistake, so far as that can be told. */
function checkedPattern(field: string, pattern: PatternPart[], report: (problem: string) => void): PatternPart[] {
  const kind = fields.get(field)!.kind;
  const fits = Array.isArray(kind)
    ? kind.some((value) => isLike(value.toLowerCase(), pattern))
    : kind === 'string' || pattern.every((part) => typeof part !== 'string' || partOf(kind).test(part));
  if (!fits) report(`a pattern that ${field} never fits, expected ${expectation(kind)}`);
  return pattern;
}

/** What a part of a value of the kind is made of, in lower case. */
function partOf(kind: FieldKind): RegExp {
  return kind === 'address' ? /^[0-9a-f.:]*$/ : /^\d*$/;
}

/** Text with Sigma's wildcards `*` and `?`, each escaped by a backslash, in lower case. */
function patternOf(text: string, modifier: string | undefined): PatternPart[] {
  const parts: PatternPart[] = [];
  const push = (part: PatternPart) => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== 0 || last !== 0) parts.push(part);
  };
  if (modifier === 'endswith' || modifier === 'contains') push(0);
  for (const [token] of text.toLowerCase().matchAll(/\\[*?\\]|[\s\S]/g)) {
    if (token === '*') push(0);
    else if (token === '?') push(1);
    else push(token.length > 1 ? token.slice(1) : token);
  }
  if (modifier === 'startswith' || modifier === 'contains') push(0);
  return parts;
}

/** A value as a message shows it; one that is none may be large, or hold itself. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : JSON.stringify(value);
}
