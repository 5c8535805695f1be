import { isNumeric } from '../../lambda/flow-log/fields.ts';
import { parseNetwork } from '../../lambda/networks/ip-address.ts';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import type { EventSource } from '../../lambda/rules/event-source.ts';
import type { NamedList, Predicate, Relation, ValueTest } from '../../lambda/rules/model.ts';
import { comparisonOf, readModifiers, textualOf, timePartOf } from '../parse/modifiers.ts';
import type { YamlPath } from '../parse/yaml-document.ts';
import { fieldOfSource, hasAmounts, kindInSource } from './source-fields.ts';
import { comparisonTests, partTests, regexTests, shown, type Target, textTests } from './value-tests.ts';

/** A named list of values that are not networks, such as countries. They are compiled into the rules. */
export interface ValueList {
  readonly name: string;
  readonly values: readonly string[];
}

/** The named lists for `expand`, by name. */
export type NetworkLists = ReadonlyMap<string, NamedList | ValueList>;

/** Receives each mistake in a selection, with its location in the document. */
export type Report = (path: YamlPath, problem: string) => void;

/** The context that selections are compiled in. */
export interface SelectionContext {
  readonly networks: NetworkLists;
  /** True for a rule that is written for firewalls: see taxonomy.ts. */
  readonly isFirewall: boolean;
  /** The events that are selected. Default: flows. */
  readonly eventSource?: EventSource | undefined;
}

/** The maximum nesting of lists; a YAML alias may refer to the list that contains it. */
const maxDepth = 8;

const noKeywords =
  'a keyword search is not supported: a flow record has only fields, expected a map such as dstport: 22';

/**
 * Compiles one selection (Sigma Rules Specification 2.1, "Search-Identifier"): a map of fields, all of which must match,
 * or a list of such maps, one of which must match.
 *
 * @param path the location of the selection in its document
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
    if (reading.eventSource) return compileField(keywordKey, selection, reading, (problem) => report(path, problem));
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

/** The key of a keyword, which any part of an event's JSON may contain. */
const keywordKey = '';

function compileField(
  key: string,
  value: unknown,
  { networks, isFirewall, eventSource }: SelectionContext,
  report: (problem: string) => void,
): Predicate {
  const [name = '', ...modifierNames] = key.split('|');
  const isKeyword = eventSource !== undefined && name === keywordKey;
  const chain = isKeyword ? keywordModifiers(modifierNames) : modifierNames;
  const field = name === '' ? (isKeyword ? '' : { problem: noKeywords }) : fieldOfSource(eventSource, name);
  const modifiers = readModifiers(chain);
  if (typeof field !== 'string') report(field.problem);
  else if ('problem' in modifiers) report(modifiers.problem);
  else {
    const written = Array.isArray(value) ? value : [value];
    const values = chain.includes('expand') ? expand(written, chain, networks, report) : [...written];
    if (written.length === 0) report('has no values');
    else if (values.length === 0) return { any: [] };
    else if (values.length > 1 && values.includes(null)) {
      report('null must be the only value; write a separate selection for it');
    } else {
      const kind = kindInSource(eventSource, field);
      const joined = joinValues({ name, field, kind, modifiers, isFirewall, eventSource }, values, report);
      return modifiers.has('neq') ? { not: joined } : joined;
    }
  }
  return { any: [] };
}

/** A keyword may be anywhere in the text, unless a modifier says how to compare. */
function keywordModifiers(chain: readonly string[]): readonly string[] {
  return chain.every((name) => ['all', 'cased', 'expand'].includes(name)) ? [...chain, 'contains'] : chain;
}

/** Joins the tests of several values: any must match, or all with the modifier `all`. */
function joinValues(target: Target, values: readonly unknown[], report: (problem: string) => void): Predicate {
  const { field, modifiers } = target;
  const part = timePartOf(modifiers);
  const predicateOf = (tests: readonly ValueTest[]): Predicate => (part ? { field, tests, part } : { field, tests });
  if (!modifiers.has('all')) {
    if (!modifiers.has('fieldref')) return predicateOf(testsOf(target, values, report));
    const any = values.map((value) => relationOf(target, value, report));
    return any.length === 1 ? any[0]! : { any };
  }
  if (values.length === 1) report('all needs two or more values, got one');
  if (modifiers.has('fieldref')) return { all: values.map((value) => relationOf(target, value, report)) };
  const tests = values.map((value) => testsOf(target, [value], report));
  const exact = tests.flatMap(([test]) => (test && 'in' in test ? [test.in] : []));
  if (
    target.kind !== 'any' &&
    exact.length > 1 &&
    !exact[0]!.some((value) => exact.every((values) => values.includes(value)))
  ) {
    report('a field has one value and never equals all of these');
  }
  return { all: tests.map(predicateOf) };
}

/** Compiles a comparison with another field: equality, or contains, startswith, endswith, gt, gte, lt or lte. */
function relationOf(
  { field, kind, modifiers, eventSource }: Target,
  value: unknown,
  report: (problem: string) => void,
): Predicate {
  const other =
    typeof value === 'string'
      ? fieldOfSource(eventSource, value)
      : { problem: `fieldref takes the name of a field, got ${shown(value)}` };
  if (typeof other !== 'string') {
    report(other.problem);
    return { any: [] };
  }
  const comparison = comparisonOf(modifiers);
  const relation: Relation = comparison ?? textualOf(modifiers) ?? 'equals';
  const otherKind = kindInSource(eventSource, other);
  if (comparison && !(hasAmounts(kind) && hasAmounts(otherKind))) {
    report(`${comparison} needs two numeric fields, got ${field} and ${other}`);
  } else if (
    kind !== 'any' &&
    otherKind !== 'any' &&
    relation === 'equals' &&
    isNumeric(kind) !== isNumeric(otherKind) &&
    [kind, otherKind].includes('address')
  ) {
    report(`${field} never equals ${other}: one is an address, the other a number`);
  }
  return modifiers.has('cased') ? { field, relation, other, cased: true } : { field, relation, other };
}

/** A value of a selection that refers to a list, which is looked up at run time. */
class ListReference {
  readonly list: string;

  constructor(list: string) {
    this.list = list;
  }
}

/** Replaces the names of lists by their networks or values. Reports and omits values that name no list or an empty one. */
function expand(
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
      report(
        `the networks file has no list ${JSON.stringify(name)}, expected one of ${[...networks.keys()].join(', ')}`,
      );
    if (!list) return [];
    if ('values' in list) return [...list.values];
    const texts = list.entries.map((entry) => unpackEntry(entry).network);
    if (!chain.includes('cidr') && (list.referenced || texts.some((text) => text.includes('/')))) {
      report(`${value} is a list of networks, expected the modifiers cidr and expand`);
      return [];
    }
    if (list.referenced) return [new ListReference(list.name)];
    if (texts.length === 0) report(`the list ${value} has no networks`);
    return texts;
  });
}

function testsOf(target: Target, values: readonly unknown[], report: (problem: string) => void): ValueTest[] {
  const { kind, modifiers } = target;
  const comparison = comparisonOf(modifiers);
  if (modifiers.has('exists')) {
    if (values.length === 1 && typeof values[0] === 'boolean') return [{ exists: values[0] }];
    report('exists takes true or false');
    return [];
  }
  if (modifiers.has('cidr')) {
    if (kind !== 'address' && kind !== 'any') report('cidr needs a field of addresses');
    const lists = values.filter((value) => value instanceof ListReference);
    const cidr = networksOf(
      values.filter((value) => !(value instanceof ListReference)),
      report,
    );
    return [...(cidr.length > 0 ? [{ cidr }] : []), ...lists.map(({ list }) => ({ list }))];
  }
  if (timePartOf(modifiers)) return partTests(target, values, report);
  if (comparison) return values.flatMap((value) => comparisonTests(kind, comparison, value, report));
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
