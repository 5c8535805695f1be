import { type EventReader, eventReader, type RuleEvent } from './event-fields.ts';
import { comparisons, type Lookups, listNamed, matcherBy, relationTester, valueTester } from './match.ts';
import type { Comparison, Predicate, Relation, ValueTest } from './model.ts';

/** Returns whether an event matches a predicate. */
export type EventMatcher = (event: RuleEvent) => boolean;

/**
 * Makes the matcher of a predicate on events. A condition on a field holds if any of its values meets it. Values are compared
 * as text, without regard to case unless the test is `cased`; comparisons of amounts take values that are numbers.
 *
 * @throws FlowError `CONFIG_INVALID` if the predicate refers to an unknown list
 */
export function eventMatcher(predicate: Predicate, { lists }: Pick<Lookups, 'lists'>): EventMatcher {
  return matcherBy<RuleEvent>(predicate, (leaf) => {
    if ('before' in leaf) return ({ time }) => time < leaf.before;
    const read = eventReader(leaf.field);
    if ('relation' in leaf) return relationMatcher(leaf, read);
    const tests = leaf.tests.map((test) => testerOf(test, lists));
    return (event) => {
      const values = read(event);
      return tests.some((passes) => passes(values, event.time));
    };
  });
}

type ValuesTester = (values: readonly string[], time: number) => boolean;

function testerOf(test: ValueTest, lists: Lookups['lists']): ValuesTester {
  if ('exists' in test) return (values) => values.length > 0 === test.exists;
  if ('list' in test) {
    const list = listNamed(test.list, lists);
    return (values, time) => values.some((value) => list.current.lookup(value, time) !== undefined);
  }
  if ('compare' in test) {
    const { compare, to } = test;
    return (values) => values.some((value) => isNumber(value) && comparisons[compare](Number(value), to));
  }
  const passes = valueTester(test, true);
  return (values) => values.some((value) => passes(value));
}

/** Returns whether any value of a field compares with any value of another one. */
function relationMatcher(
  { relation, other, cased }: Extract<Predicate, { relation: Relation }>,
  read: EventReader,
): EventMatcher {
  const readOther = eventReader(other);
  const holds =
    relation in comparisons ? amountTester(relation as Comparison) : relationTester(relation, cased === true);
  return (event) => {
    const others = readOther(event);
    return read(event).some((value) => others.some((one) => holds(value, one)));
  };
}

function amountTester(compare: Comparison): (value: string, other: string) => boolean {
  return (value, other) => isNumber(value) && isNumber(other) && comparisons[compare](Number(value), Number(other));
}

/** Returns whether a text is a number as JSON writes it: a severity may have a fraction. */
function isNumber(text: string): boolean {
  return /^-?\d{1,20}(\.\d{1,20})?$/.test(text);
}
