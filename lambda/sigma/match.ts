import { addressGroups, isInNetwork } from '../core/address.ts';
import { countedValue } from '../core/ends.ts';
import type { Flow } from '../core/flow.ts';
import { parseQuantity } from '../core/quantity.ts';
import type { PatternPart, Predicate, ValueTest } from './compiled.ts';

/** Whether a flow is one that a predicate means. */
export type Matcher = (flow: Flow) => boolean;

/** Makes the function that answers a predicate. */
export function matcher(predicate: Predicate): Matcher {
  if ('all' in predicate) {
    const parts = predicate.all.map(matcher);
    return (flow) => parts.every((part) => part(flow));
  }
  if ('any' in predicate) {
    const parts = predicate.any.map(matcher);
    return (flow) => parts.some((part) => part(flow));
  }
  if ('not' in predicate) {
    const part = matcher(predicate.not);
    return (flow) => !part(flow);
  }
  const { field } = predicate;
  const tests = predicate.tests.map(valueTester);
  return (flow) => {
    const value = countedValue(flow, field);
    return tests.some((test) => test(value));
  };
}

function valueTester(test: ValueTest): (value: string | undefined) => boolean {
  if ('exists' in test) return (value) => (value !== undefined) === test.exists;
  const passes = textTester(test);
  return (value) => value !== undefined && passes(value);
}

function textTester(test: Exclude<ValueTest, { exists: boolean }>): (value: string) => boolean {
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
