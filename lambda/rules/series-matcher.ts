import { detachString } from '../common/detach-string.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { endpointReader } from '../flow-log/endpoints.ts';
import { fields, isNumeric } from '../flow-log/fields.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { LoadedSeries, SeriesMatcher } from './loaded.ts';
import { type Lists, matcher } from './match.ts';
import type { Predicate, ValueTest } from './model.ts';

/**
 * A partition of all flows into numbered classes, for the tests of one field or for one other predicate. Flows of the
 * same class have the same results of these tests.
 */
type Partition = (flow: Flow, time: number) => number;

/** A node of the decision tree: its children by the class of the flow in the next partition. Leaves have series. */
interface TreeNode {
  readonly children: TreeNode[];
  series: readonly LoadedSeries[] | undefined;
}

/** Flows have few combinations of classes; the limits bound the memory in a flood of others. */
const maxNodes = 20_000;
const maxCachedValues = 5000;

/**
 * Makes the function that finds the series of a flow: a decision tree with a level for each field that predicates test.
 * At a level, a flow takes the branch of its class in the field's partition. All flows at a leaf match the same series,
 * so only the first of them runs the predicates. A flow takes one step for each tested field, for any number of rules.
 *
 * @throws FlowError `CONFIG_INVALID` if a predicate refers to an unknown list
 */
export function seriesMatcher(allSeries: readonly LoadedSeries[], lists: Lists): SeriesMatcher {
  const partitions = partitionsOf(
    allSeries.map(({ where }) => where),
    lists,
  );
  let root = newNode();
  let nodes = 1;
  return (flow, time) => {
    if (nodes > maxNodes) {
      root = newNode();
      nodes = 1;
    }
    let node = root;
    for (const classOf of partitions) {
      const flowClass = classOf(flow, time);
      let child = node.children[flowClass];
      if (!child) {
        child = newNode();
        node.children[flowClass] = child;
        nodes += 1;
      }
      node = child;
    }
    node.series ??= allSeries.filter((series) => series.matches(flow, time));
    return node.series;
  };
}

function newNode(): TreeNode {
  return { children: [], series: undefined };
}

/** Returns the partitions that together determine the results of all predicates. */
function partitionsOf(predicates: readonly Predicate[], lists: Lists): Partition[] {
  const testsOfFields = new Map<string, ValueTest[]>();
  // These depend on more than the value of one field: on the time, on a second field, or on a list that may change.
  const otherPredicates = new Map<string, Predicate>();
  for (const leaf of predicates.flatMap(leavesOf)) {
    if (!('tests' in leaf) || leaf.part !== undefined) {
      otherPredicates.set(JSON.stringify(leaf), leaf);
      continue;
    }
    const { field } = leaf;
    for (const test of leaf.tests) {
      if ('list' in test) otherPredicates.set(JSON.stringify([field, test.list]), { field, tests: [test] });
      else if (testsOfFields.has(field)) testsOfFields.get(field)!.push(test);
      else testsOfFields.set(field, [test]);
    }
  }
  return [
    ...[...testsOfFields].map(([field, tests]) => fieldPartition(field, tests, lists)),
    ...[...otherPredicates.values()].map((predicate) => predicatePartition(predicate, lists)),
  ];
}

type Leaf = Exclude<Predicate, { all: unknown } | { any: unknown } | { not: unknown }>;

function leavesOf(predicate: Predicate): Leaf[] {
  if ('all' in predicate) return predicate.all.flatMap(leavesOf);
  if ('any' in predicate) return predicate.any.flatMap(leavesOf);
  return 'not' in predicate ? leavesOf(predicate.not) : [predicate];
}

/** Divides flows into those that match a predicate, class 1, and the others, class 0. */
function predicatePartition(predicate: Predicate, lists: Lists): Partition {
  const matches = matcher(predicate, lists);
  return (flow, time) => (matches(flow, time) ? 1 : 0);
}

function fieldPartition(field: string, tests: readonly ValueTest[], lists: Lists): Partition {
  const kind = fields.get(field)?.kind ?? 'string';
  const bounds = isNumeric(kind) ? boundsOf(tests) : undefined;
  return bounds ? numberPartition(field, bounds) : textPartition(field, tests, lists);
}

/** Returns the numbers that the tests compare with, ascending; undefined if a test does not compare numbers. */
function boundsOf(tests: readonly ValueTest[]): Quantity[] | undefined {
  const bounds: Quantity[] = [];
  for (const test of tests) {
    if ('compare' in test) bounds.push(test.to);
    else if ('in' in test) bounds.push(...test.in.filter((digits) => digits !== '').map(parseQuantity));
    else if (!('exists' in test)) return undefined;
  }
  return bounds.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Divides flows by the bounds: a class for each bound, for each interval between bounds, and for missing values. */
function numberPartition(field: string, bounds: readonly Quantity[]): Partition {
  const read = endpointReader(field);
  return (flow) => {
    const digits = read(flow);
    if (digits === undefined) return 0;
    const value = parseQuantity(digits);
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle]! < value) low = middle + 1;
      else high = middle;
    }
    // Not with ===, since a bigint and a number may be equal.
    const isBound = low < bounds.length && !(bounds[low]! > value);
    return 1 + 2 * low + (isBound ? 1 : 0);
  };
}

/** Divides flows by the results of all tests of a field; classes are numbered in the order of their first flow. */
function textPartition(field: string, tests: readonly ValueTest[], lists: Lists): Partition {
  const matchers = tests.map((test) => matcher({ field, tests: [test] }, lists));
  const classOfResults = new Map<string, number>();
  const classOfValue = new Map<string | undefined, number>();
  const read = endpointReader(field);
  return (flow, time) => {
    const value = read(flow);
    const cached = classOfValue.get(value);
    if (cached !== undefined) return cached;
    let results = '';
    for (const matches of matchers) results += matches(flow, time) ? '1' : '0';
    const valueClass = classOfResults.get(results) ?? classOfResults.size;
    classOfResults.set(results, valueClass);
    if (classOfValue.size >= maxCachedValues) classOfValue.clear();
    classOfValue.set(value === undefined ? undefined : detachString(value), valueClass);
    return valueClass;
  };
}
