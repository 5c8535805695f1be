import { fields, isNumeric } from '../../lambda/flow-log/fields.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { unpacked } from '../../lambda/networks/network-entry.ts';
import type { NamedList, Predicate, Relation, ValueTest } from '../../lambda/rules/model.ts';
import { comparisonOf, readModifiers, textualOf, timePartOf } from '../parse/modifiers.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import { fieldNamed } from './taxonomy.ts';
import { comparisonTests, partTests, regexTests, shown, type Target, textTests } from './value-tests.ts';

/** The named lists of networks, for `expand`, by their names. */
export type NetworkLists = ReadonlyMap<string, NamedList>;

/** Told of each thing in a selection that cannot be compiled: where it stands, what is wrong. */
export type Report = (path: YamlPath, problem: string) => void;

/** What a selection is read with. */
export interface SelectionContext {
  readonly networks: NetworkLists;
  /** Whether it is written for firewalls: see taxonomy.ts. */
  readonly isFirewall: boolean;
}

/** How deep lists may be nested; an alias may refer to what it is in. */
const maxDepth = 8;

const noKeywords = 'a keyword search is not supported: a flow record has fields, expected a map such as dstport: 22';

/**
 * Compiles one selection (Sigma Rules Specification 2.1, "Search-Identifier"): a map of fields that must all match, or a
 * list of such maps of which one must.
 *
 * @param path where the selection stands in its document
 */
export function compileSelection(
  selection: unknown,
  path: YamlPath,
  reading: SelectionContext,
  report: Report,
): Predicate {
  if (path.length > maxDepth) {
    report(path, 'the selection is nested too deeply');
    return { any: [] };
  }
  if (Array.isArray(selection)) {
    if (selection.length === 0) report(path, 'the list is empty');
    return { any: selection.map((part, index) => compileSelection(part, [...path, index], reading, report)) };
  }
  if (typeof selection !== 'object' || selection === null) {
    report(path, noKeywords);
    return { any: [] };
  }
  const entries = Object.entries(selection);
  if (entries.length === 0) report(path, 'the selection is empty');
  return {
    all: entries.map(([key, value]) =>
      compileField(key, value, reading, (problem) => report([...path, key], `${key}: ${problem}`)),
    ),
  };
}

function compileField(
  key: string,
  value: unknown,
  { networks, isFirewall }: SelectionContext,
  report: (problem: string) => void,
): Predicate {
  const [name = '', ...chain] = key.split('|');
  const field = name === '' ? { problem: noKeywords } : fieldNamed(name);
  const modifiers = readModifiers(chain);
  if (typeof field !== 'string') report(field.problem);
  else if ('problem' in modifiers) report(modifiers.problem);
  else {
    const written = Array.isArray(value) ? value : [value];
    const values = chain.includes('expand') ? expanded(written, chain, networks, report) : [...written];
    if (written.length === 0) report('has no values');
    else if (values.length === 0) return { any: [] };
    else if (values.length > 1 && values.includes(null)) {
      report('null is not one of several values, give it a selection of its own');
    } else {
      const joined = joinValues({ name, field, modifiers, isFirewall }, values, report);
      return modifiers.has('neq') ? { not: joined } : joined;
    }
  }
  return { any: [] };
}

/** Any of the values, or with `all` each of them. */
function joinValues(target: Target, values: readonly unknown[], report: (problem: string) => void): Predicate {
  const { field, modifiers } = target;
  const part = timePartOf(modifiers);
  const tested = (tests: readonly ValueTest[]): Predicate => (part ? { field, tests, part } : { field, tests });
  if (!modifiers.has('all')) {
    if (!modifiers.has('fieldref')) return tested(testsOf(target, values, report));
    const any = values.map((value) => relationOf(target, value, report));
    return any.length === 1 ? any[0]! : { any };
  }
  if (values.length === 1) report('all joins several values, and this is one');
  if (modifiers.has('fieldref')) return { all: values.map((value) => relationOf(target, value, report)) };
  const tests = values.map((value) => testsOf(target, [value], report));
  const exact = tests.flatMap(([test]) => (test && 'in' in test ? [test.in] : []));
  if (exact.length > 1 && !exact[0]!.some((one) => exact.every((values) => values.includes(one)))) {
    report('a field has one value and is never all of these');
  }
  return { all: tests.map(tested) };
}

/** A comparison with another field: equal, or as contains, startswith, endswith, gt, gte, lt and lte say. */
function relationOf({ field, modifiers }: Target, value: unknown, report: (problem: string) => void): Predicate {
  const other =
    typeof value === 'string' ? fieldNamed(value) : { problem: `fieldref takes a name, got ${shown(value)}` };
  if (typeof other !== 'string') {
    report(other.problem);
    return { any: [] };
  }
  const comparison = comparisonOf(modifiers);
  const relation: Relation = comparison ?? textualOf(modifiers) ?? 'equals';
  const [kind, otherKind] = [fields.get(field)!.kind, fields.get(other)!.kind];
  if (comparison && !(isNumeric(kind) && isNumeric(otherKind))) {
    report(`${comparison} needs two fields that hold numbers, got ${field} and ${other}`);
  } else if (
    relation === 'equals' &&
    isNumeric(kind) !== isNumeric(otherKind) &&
    [kind, otherKind].includes('address')
  ) {
    report(`${field} never is ${other}: an address is no number`);
  }
  return modifiers.has('cased') ? { field, relation, other, cased: true } : { field, relation, other };
}

/** Stands among the values of a selection for a list that is looked up when the rule runs. */
class ListReference {
  readonly list: string;

  constructor(list: string) {
    this.list = list;
  }
}

/** The values with the networks of lists in the place of their names. What is none, or holds none, is reported and left out. */
function expanded(
  values: readonly unknown[],
  chain: readonly string[],
  networks: NetworkLists,
  report: (problem: string) => void,
): unknown[] {
  return values.flatMap((value): unknown[] => {
    const name = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
    const list = name === undefined ? undefined : networks.get(name);
    if (name === undefined) report(`expand takes a name such as %internal_networks%, got ${shown(value)}`);
    else if (!list)
      report(`the networks file has no list ${JSON.stringify(name)}, only ${[...networks.keys()].join(', ')}`);
    if (!list) return [];
    const texts = list.entries.map((entry) => unpacked(entry).network);
    if (!chain.includes('cidr') && (list.referenced || texts.some((text) => text.includes('/')))) {
      report(`${value} is a list of networks, expected the modifiers cidr and expand`);
      return [];
    }
    if (list.referenced) return [new ListReference(list.name)];
    if (texts.length === 0) report(`the list ${value} holds no network`);
    return texts;
  });
}

function testsOf(target: Target, values: readonly unknown[], report: (problem: string) => void): ValueTest[] {
  const { field, modifiers } = target;
  const comparison = comparisonOf(modifiers);
  if (modifiers.has('exists')) {
    if (values.length === 1 && typeof values[0] === 'boolean') return [{ exists: values[0] }];
    report('exists takes true or false');
    return [];
  }
  if (modifiers.has('cidr')) {
    if (fields.get(field)?.kind !== 'address') report('cidr needs a field that holds addresses');
    const lists = values.filter((one) => one instanceof ListReference);
    const cidr = networksOf(
      values.filter((one) => !(one instanceof ListReference)),
      report,
    );
    return [...(cidr.length > 0 ? [{ cidr }] : []), ...lists.map(({ list }) => ({ list }))];
  }
  if (timePartOf(modifiers)) return partTests(target, values, report);
  if (comparison) return values.flatMap((value) => comparisonTests(field, comparison, value, report));
  if (modifiers.has('re')) return values.flatMap((value) => regexTests(target, value, report));
  return textTests(target, values, report);
}

function networksOf(values: readonly unknown[], report: (problem: string) => void) {
  return values.flatMap((value) => {
    const network = parseNetwork(String(value));
    if (!('problem' in network)) return [network];
    report(network.problem);
    return [];
  });
}
