import { addressGroups, isInNetwork } from '../core/address.ts';
import { countedValue } from '../core/ends.ts';
import { type Flow, timeOf } from '../core/flow.ts';
import type { NetworkTable } from '../core/network-table.ts';
import { parseQuantity } from '../core/quantity.ts';
import { FlowError } from '../errors.ts';
import type { PatternPart, Predicate, ValueTest } from './compiled.ts';

/** Whether a flow is one that a predicate means. */
export type Matcher = (flow: Flow) => boolean;

/** The named lists that predicates refer to. The table of one may be replaced, and is asked for at each flow. */
export type Lists = ReadonlyMap<string, { readonly current: NetworkTable }>;

/**
 * Makes the function that answers a predicate.
 *
 * @throws FlowError `CONFIG_INVALID` when the predicate refers to a list that is not there
 */
export function matcher(predicate: Predicate, lists: Lists): Matcher {
  if ('all' in predicate) {
    const parts = predicate.all.map((part) => matcher(part, lists));
    return (flow) => parts.every((part) => part(flow));
  }
  if ('any' in predicate) {
    const parts = predicate.any.map((part) => matcher(part, lists));
    return (flow) => parts.some((part) => part(flow));
  }
  if ('not' in predicate) {
    const part = matcher(predicate.not, lists);
    return (flow) => !part(flow);
  }
  const { field } = predicate;
  const tests = predicate.tests.map((test) => valueTester(test, lists));
  return (flow) => {
    const value = countedValue(flow, field);
    return tests.some((test) => test(value, flow));
  };
}

function valueTester(test: ValueTest, lists: Lists): (value: string | undefined, flow: Flow) => boolean {
  if ('exists' in test) return (value) => (value !== undefined) === test.exists;
  const passes = 'list' in test ? listTester(test.list, lists) : textTester(test);
  return (value, flow) => value !== undefined && passes(value, flow);
}

/** Whether an address is on a list at the time of its flow; of a flow without one, no entry has expired. */
function listTester(name: string, lists: Lists): (value: string, flow: Flow) => boolean {
  const list = lists.get(name);
  if (!list)
    throw new FlowError(
      'CONFIG_INVALID',
      `the compiled rules have no list ${JSON.stringify(name)}, compile them again`,
    );
  return (value, flow) => list.current.lookup(value, timeOf(flow)) !== undefined;
}

function textTester(test: Exclude<ValueTest, { exists: boolean } | { list: string }>): (value: string) => boolean {
  if ('in' in test) {
    const values = new Set(test.in);
    return (value) => values.has(value.toLowerCase());
  }
  if ('like' in test) return (value) => isLike(value.toLowerCase(), test.like);
  if ('cidr' in test) {
    return (value) => {
      const address = addressGroups(value);
      return address !== undefined && test.cidr.some((network) => isInNetwork(address, network));
    };
  }
  const { to } = test;
  switch (test.compare) {
    case 'gt':
      return (value) => parseQuantity(value) > to;
    case 'gte':
      return (value) => parseQuantity(value) >= to;
    case 'lt':
      return (value) => parseQuantity(value) < to;
    case 'lte':
      return (value) => parseQuantity(value) <= to;
  }
}

/**
 * Whether the whole text fits the pattern. Each run takes the least it can and is never taken back further than to the
 * run before, so time is at most the text's length times the pattern's.
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
