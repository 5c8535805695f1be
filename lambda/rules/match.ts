import { partOfTime, type TimePart } from '../common/calendar.ts';
import { FlowError } from '../common/errors.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { isTagField, readableValue, tagText } from '../common/tag-text.ts';
import { endpointValue } from '../flow-log/endpoints.ts';
import { type FieldReader, type Flow, secondsOf, timeOf } from '../flow-log/flow.ts';
import { type CurrentRegions, kindOf, regionFactOf, regionFields } from '../flow-log/region-fields.ts';
import { isInAnyNetwork } from '../networks/ip-address.ts';
import type { NetworkTable } from '../networks/network-table.ts';
import type { Comparison, PatternPart, Predicate, Relation, ValueTest } from './model.ts';
import { regexTester } from './regex-match.ts';

/**
 * Returns whether a flow matches a predicate.
 *
 * @param time the flow's time in epoch seconds; the time of its arrival if its record has no time
 */
export type Matcher = (flow: Flow, time?: number) => boolean;

/** The named lists that predicates refer to. A table may be replaced, so it is read for each flow. */
export type Lists = ReadonlyMap<string, { readonly current: NetworkTable }>;

/** What predicates look up outside of a flow. Each is read for each flow, since it may be replaced. */
export interface Lookups {
  readonly lists: Lists;
  readonly regions: Readonly<CurrentRegions>;
}

/**
 * Makes the matcher of a predicate.
 *
 * @throws FlowError `CONFIG_INVALID` if the predicate refers to an unknown list
 */
export function matcher(predicate: Predicate, lookups: Lookups): Matcher {
  return matcherBy<Flow>(predicate, (leaf) => {
    if ('before' in leaf) {
      const { before } = leaf;
      return (flow, time = timeOf(flow)) => time === undefined || time < before;
    }
    if ('relation' in leaf) return relationMatcher(leaf, lookups);
    const { field, part } = leaf;
    const tests = leaf.tests.map((test) => {
      if ('list' in test) return listTester(test.list, lookups.lists);
      return part === undefined ? fieldTester(field, test) : valueTester(test, false);
    });
    const readValue = part === undefined ? valueReader(field, lookups) : partReader(part, field);
    return (flow) => {
      const value = readValue(flow);
      return tests.some((test) => test(value, flow));
    };
  });
}

/** A predicate that is not made of others. */
export type Leaf = Exclude<Predicate, { all: unknown } | { any: unknown } | { not: unknown }>;

/** A test of a flow, or of another subject, at a time. */
type TestOf<Subject> = (subject: Subject, time?: number) => boolean;

/** Makes the matcher of a predicate from the matchers of its leaves. */
export function matcherBy<Subject>(predicate: Predicate, matcherOf: (leaf: Leaf) => TestOf<Subject>): TestOf<Subject> {
  if ('all' in predicate) {
    const parts = predicate.all.map((part) => matcherBy(part, matcherOf));
    return (subject, time) => parts.every((part) => part(subject, time));
  }
  if ('any' in predicate) {
    const parts = predicate.any.map((part) => matcherBy(part, matcherOf));
    return (subject, time) => parts.some((part) => part(subject, time));
  }
  if ('not' in predicate) {
    const part = matcherBy(predicate.not, matcherOf);
    return (subject, time) => !part(subject, time);
  }
  return matcherOf(predicate);
}

/** Returns whether values of the field may differ only in upper and lower case. */
export function hasCases(field: string): boolean {
  const kind = kindOf(field);
  return kind === 'string' || kind === 'country' || Array.isArray(kind);
}

/** Makes a reader of a field's value for counting and rules: see endpointValue and region-fields.ts. */
function valueReader(field: string, { regions }: Lookups): FieldReader {
  const region = regionFields.get(field);
  if (!region) return (flow) => endpointValue(flow, field);
  return (flow) => {
    const address = endpointValue(flow, region.address);
    return address === undefined ? undefined : regionFactOf(regions, address, region.fact);
  };
}

function partReader(part: TimePart, field: string): FieldReader {
  return (flow) => {
    const seconds = secondsOf(flow, field as 'start' | 'end');
    return seconds === undefined ? undefined : String(partOfTime(part, seconds));
  };
}

function relationMatcher(
  { field, relation, other, cased }: Extract<Predicate, { relation: Relation }>,
  lookups: Lookups,
): Matcher {
  const holds = relationTester(relation, cased === true);
  const [readValue, readReference] = [textReader(field, lookups), textReader(other, lookups)];
  return (flow) => {
    const value = readValue(flow);
    const reference = readReference(flow);
    return value !== undefined && reference !== undefined && holds(value, reference);
  };
}

/** Makes a reader of a field's value as people read it: see valueReader. */
function textReader(field: string, lookups: Lookups): FieldReader {
  const readValue = valueReader(field, lookups);
  return (flow) => {
    const value = readValue(flow);
    return value === undefined ? undefined : readableValue(field, value);
  };
}

/** Each compares two amounts. */
export const comparisons: Record<Comparison, (value: Quantity, to: Quantity) => boolean> = {
  gt: (value, to) => value > to,
  gte: (value, to) => value >= to,
  lt: (value, to) => value < to,
  lte: (value, to) => value <= to,
};

const relations: Record<Relation, (value: string, other: string) => boolean> = {
  equals: (value, other) => value === other,
  startswith: (value, other) => value.startsWith(other),
  endswith: (value, other) => value.endsWith(other),
  contains: (value, other) => value.includes(other),
  gt: (value, other) => parseQuantity(value) > parseQuantity(other),
  gte: (value, other) => parseQuantity(value) >= parseQuantity(other),
  lt: (value, other) => parseQuantity(value) < parseQuantity(other),
  lte: (value, other) => parseQuantity(value) <= parseQuantity(other),
};

/** Makes the test of two values of text; of amounts, as whole numbers. */
export function relationTester(relation: Relation, isCased: boolean): (value: string, other: string) => boolean {
  return isCased ? relations[relation] : caseless(relations[relation]);
}

function caseless(holds: (value: string, other: string) => boolean): (value: string, other: string) => boolean {
  return (value, other) => holds(value.toLowerCase(), other.toLowerCase());
}

/** A test of the value alone. */
export type OwnTest = Exclude<ValueTest, { list: string }>;

/**
 * Makes the test of a field's value in a flow log; undefined is a value that is not available. Rules have the plain text
 * of tags, so values of tag fields are decoded before the test.
 */
export function fieldTester(field: string, test: OwnTest): (value: string | undefined) => boolean {
  const passes = valueTester(test, hasCases(field));
  return isTagField(field) ? (value) => passes(value === undefined ? undefined : tagText(value)) : passes;
}

/** Makes the test of a value. @param hasCases whether values may differ only in upper and lower case */
export function valueTester(test: OwnTest, hasCases: boolean): (value: string | undefined) => boolean {
  if ('exists' in test) return (value) => (value !== undefined) === test.exists;
  const passes = textTester(test);
  const isCaseless = hasCases && ('in' in test || 'like' in test) && !test.cased;
  if (isCaseless) return (value) => value !== undefined && passes(value.toLowerCase());
  return (value) => value !== undefined && passes(value);
}

/** Makes a test whether a list has an address at the time of its flow. Without a time, no entry has expired. */
function listTester(name: string, lists: Lists): (value: string | undefined, flow: Flow) => boolean {
  const list = listNamed(name, lists);
  return (value, flow) => {
    const { current } = list;
    if (value === undefined) return false;
    return current.lookup(value, current.hasExpiringEntries ? timeOf(flow) : undefined) !== undefined;
  };
}

/** Finds a list by its name. @throws FlowError `CONFIG_INVALID` for an unknown list */
export function listNamed(name: string, lists: Lists): { readonly current: NetworkTable } {
  const list = lists.get(name);
  if (list) return list;
  throw new FlowError('CONFIG_INVALID', `the compiled rules have no list ${JSON.stringify(name)}, compile them again`);
}

function textTester(test: Exclude<OwnTest, { exists: boolean }>): (value: string) => boolean {
  if ('in' in test) {
    const values = new Set(test.in);
    return (value) => values.has(value);
  }
  if ('like' in test) return (value) => isLike(value, test.like);
  if ('re' in test) return regexTester(test.re);
  if ('cidr' in test) return (value) => isInAnyNetwork(value, test.cidr);
  const { to } = test;
  const compare = comparisons[test.compare];
  return (value) => compare(parseQuantity(value), to);
}

/**
 * Returns whether a pattern matches a complete text. A run (`*`) matches as few characters as possible, and backtracking
 * never goes before the last run. Time is therefore at most the length of the text times that of the pattern.
 */
export function isLike(text: string, pattern: readonly PatternPart[]): boolean {
  let at = 0;
  let part = 0;
  let retry: { at: number; part: number } | undefined;
  while (part < pattern.length || at < text.length) {
    const expected = pattern[part];
    if (expected === 0) {
      retry = { at: at + 1, part };
      part += 1;
    } else if (expected === 1 && at < text.length) {
      at += 1;
      part += 1;
    } else if (typeof expected === 'string' && text.startsWith(expected, at)) {
      at += expected.length;
      part += 1;
    } else if (retry !== undefined && retry.at <= text.length) {
      ({ at, part } = retry);
    } else {
      return false;
    }
  }
  return true;
}
