import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { CodeMemo } from '../flow-log/dictionary.ts';
import { isNumeric } from '../flow-log/fields.ts';
import { type FlowColumns, noNumber, numberAt } from '../flow-log/flow-columns.ts';
import { PairNumbers } from '../flow-log/pair-numbers.ts';
import { kindOf } from '../flow-log/region-fields.ts';
import { fieldTester, type Leaf, type Lookups, matcher, type OwnTest } from './match.ts';
import type { Predicate } from './model.ts';

/**
 * A partition of all flows into numbered classes, for the tests of one field or for one other predicate. Flows of the
 * same class have the same results of these tests.
 *
 * @param classes receives the class of each row
 */
export type Partition = (columns: FlowColumns, classes: Int32Array) => void;

/** Returns the partitions that together determine the results of all predicates. */
export function partitionsOf(predicates: readonly Predicate[], lookups: Lookups): Partition[] {
  const testsOfFields = new Map<string, OwnTest[]>();
  const testsOfLists = new Map<string, { field: string; list: string }>();
  // These depend on more than the value of one field: on the time, or on a second field.
  const otherPredicates = new Map<string, Predicate>();
  for (const leaf of predicates.flatMap(leavesOf)) {
    if (!('tests' in leaf) || leaf.part !== undefined) {
      otherPredicates.set(JSON.stringify(leaf), leaf);
      continue;
    }
    const { field } = leaf;
    for (const test of leaf.tests) {
      if ('list' in test) testsOfLists.set(`${field} ${test.list}`, { field, list: test.list });
      else if (testsOfFields.has(field)) testsOfFields.get(field)!.push(test);
      else testsOfFields.set(field, [test]);
    }
  }
  return [
    ...[...testsOfFields].map(([field, tests]) => fieldPartition(field, tests)),
    ...[...testsOfLists.values()].map(({ field, list }) => listPartition(field, list, lookups)),
    ...[...otherPredicates.values()].map((predicate) => {
      return 'relation' in predicate ? relationPartition(predicate, lookups) : predicatePartition(predicate, lookups);
    }),
  ];
}

function leavesOf(predicate: Predicate): Leaf[] {
  if ('all' in predicate) return predicate.all.flatMap(leavesOf);
  if ('any' in predicate) return predicate.any.flatMap(leavesOf);
  return 'not' in predicate ? leavesOf(predicate.not) : [predicate];
}

/** Divides flows into class 1, which matches a predicate, and class 0. It is slow: it makes a flow of each row. */
function predicatePartition(predicate: Predicate, lookups: Lookups): Partition {
  const matches = matcher(predicate, lookups);
  return ({ rows, times }, classes) => {
    for (let row = 0; row < rows.length; row += 1) classes[row] = matches(rows.flow(row), times[row]) ? 1 : 0;
  };
}

/** Divides flows by a comparison of two fields, which is done once for each pair of values in a batch. */
function relationPartition(predicate: Extract<Predicate, { relation: unknown }>, lookups: Lookups): Partition {
  const matches = matcher(predicate, lookups);
  return (columns, classes) => {
    const [values, others] = [columns.endpoints(predicate.field), columns.endpoints(predicate.other)];
    const pairs = new PairNumbers();
    const known: number[] = [];
    for (let row = 0; row < values.length; row += 1) {
      const pair = pairs.numberOf(values[row]!, others[row]!);
      known[pair] ??= matches(columns.rows.flow(row)) ? 1 : 0;
      classes[row] = known[pair];
    }
  };
}

/** Divides flows into those with an address in a list, class 1, and the others. The list may change between two batches. */
function listPartition(field: string, name: string, lookups: Lookups): Partition {
  const matches = matcher({ field, tests: [{ list: name }] }, lookups);
  const list = lookups.lists.get(name)!;
  const memo = new CodeMemo();
  let { current } = list;
  return (columns, classes) => {
    const { dictionary, rows } = columns;
    if (current !== list.current) memo.clear();
    ({ current } = list);
    const codes = columns.endpoints(field);
    const known = memo.of(dictionary);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row]!;
      if (known[code]! < 0) {
        const text = dictionary.textOf(code);
        known[code] = text !== undefined && current.has(text) ? 1 : 0;
      }
      // An entry may expire, which depends on the time of the flow.
      classes[row] = known[code] === 1 && current.hasExpiringEntries ? (matches(rows.flow(row)) ? 1 : 0) : known[code]!;
    }
  };
}

function fieldPartition(field: string, tests: readonly OwnTest[]): Partition {
  const kind = kindOf(field) ?? 'string';
  const bounds = isNumeric(kind) ? boundsOf(tests) : undefined;
  return bounds ? numberPartition(field, bounds) : textPartition(field, tests);
}

/** Returns the distinct numbers that the tests compare with, ascending; undefined if a test does not compare numbers. */
function boundsOf(tests: readonly OwnTest[]): Quantity[] | undefined {
  const bounds = new Set<Quantity>();
  for (const test of tests) {
    if ('compare' in test) bounds.add(test.to);
    else if ('in' in test) {
      for (const digits of test.in) if (digits !== '') bounds.add(parseQuantity(digits));
    } else if (!('exists' in test)) return undefined;
  }
  return [...bounds].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Divides flows by the bounds: a class for each bound, for each interval between bounds, and for missing values. */
function numberPartition(field: string, bounds: readonly Quantity[]): Partition {
  return (columns, classes) => {
    const column = columns.numbers(field);
    const { values } = column;
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row]!;
      if (value === noNumber) classes[row] = 0;
      else classes[row] = classOfNumber(Number.isNaN(value) ? numberAt(column, row)! : value, bounds);
    }
  };
}

function classOfNumber(value: Quantity, bounds: readonly Quantity[]): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  // Not with ===, since a bigint and a number may be equal.
  const isBound = low < bounds.length && !(bounds[low]! > value);
  return 1 + 2 * low + (isBound ? 1 : 0);
}

/** Divides flows by the results of all tests of a field; classes are numbered in the order of their first flow. */
function textPartition(field: string, tests: readonly OwnTest[]): Partition {
  const testers = tests.map((test) => fieldTester(field, test));
  const classOfResults = new Map<string, number>();
  const memo = new CodeMemo();
  return (columns, classes) => {
    const codes = columns.endpoints(field);
    const known = memo.of(columns.dictionary);
    for (let row = 0; row < codes.length; row += 1) {
      const code = codes[row]!;
      if (known[code]! < 0) {
        const value = columns.dictionary.textOf(code);
        let results = '';
        for (const passes of testers) results += passes(value) ? '1' : '0';
        const valueClass = classOfResults.get(results) ?? classOfResults.size;
        classOfResults.set(results, valueClass);
        known[code] = valueClass;
      }
      classes[row] = known[code]!;
    }
  };
}
