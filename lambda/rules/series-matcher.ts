import { detachString } from '../common/detach-string.ts';
import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { endpointReader } from '../flow-log/endpoints.ts';
import { fields, isNumeric } from '../flow-log/fields.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { LoadedSeries, SeriesMatcher } from './loaded.ts';
import { type Lists, matcher } from './match.ts';
import type { Predicate, ValueTest } from './model.ts';

/**
 * Something that flows are told apart by: a small number. Flows of the same number are alike to every test that the
 * question stands for.
 */
type Partition = (flow: Flow, time: number) => number;

/** A place in the tree of answers, a level for each question; where all are answered, the series are known. */
interface TreeNode {
  readonly next: TreeNode[];
  series: readonly LoadedSeries[] | undefined;
}

/** Flows are of few kinds; a flood of others must not fill the memory. */
const maxNodes = 20_000;
const maxRemembered = 5000;

/**
 * Makes the function that finds the series of a flow. Each thing that any series asks of a flow is looked at once, however
 * many of them ask it, and what the answers come to is remembered: a flow takes a step for each field that the rules
 * name, not for each rule.
 *
 * @throws FlowError `CONFIG_INVALID` when a predicate refers to a list that is not there
 */
export function seriesMatcher(all: readonly LoadedSeries[], lists: Lists): SeriesMatcher {
  const questions = partitionsOf(
    all.map(({ where }) => where),
    lists,
  );
  let root = newNode();
  let places = 1;
  return (flow, time) => {
    let place = root;
    for (const question of questions) {
      const answer = question(flow, time);
      const next = place.next[answer];
      if (next) place = next;
      else {
        places += 1;
        const grown = newNode();
        place.next[answer] = grown;
        place = grown;
      }
    }
    place.series ??= all.filter((one) => one.matches(flow, time));
    if (places > maxNodes) {
      root = newNode();
      places = 1;
    }
    return place.series;
  };
}

function newNode(): TreeNode {
  return { next: [], series: undefined };
}

/** What must be known of a flow to answer all of the predicates. */
function partitionsOf(predicates: readonly Predicate[], lists: Lists): Partition[] {
  const testsOf = new Map<string, ValueTest[]>();
  // What is asked anew of each flow: what depends on its time, and relations of its fields.
  const others = new Map<string, Predicate>();
  for (const leaf of predicates.flatMap(leavesOf)) {
    if (!('tests' in leaf) || leaf.part !== undefined) {
      others.set(JSON.stringify(leaf), leaf);
      continue;
    }
    const { field } = leaf;
    for (const test of leaf.tests) {
      if ('list' in test) others.set(JSON.stringify([field, test.list]), { field, tests: [test] });
      else if (testsOf.has(field)) testsOf.get(field)!.push(test);
      else testsOf.set(field, [test]);
    }
  }
  return [
    ...[...testsOf].map(([field, tests]) => fieldPartition(field, tests, lists)),
    ...[...others.values()].map((leaf): Partition => {
      const holds = matcher(leaf, lists);
      return (flow, time) => (holds(flow, time) ? 1 : 0);
    }),
  ];
}

type Leaf = Exclude<Predicate, { all: unknown } | { any: unknown } | { not: unknown }>;

function leavesOf(predicate: Predicate): Leaf[] {
  if ('all' in predicate) return predicate.all.flatMap(leavesOf);
  if ('any' in predicate) return predicate.any.flatMap(leavesOf);
  return 'not' in predicate ? leavesOf(predicate.not) : [predicate];
}

function fieldPartition(field: string, tests: readonly ValueTest[], lists: Lists): Partition {
  const kind = fields.get(field)?.kind ?? 'string';
  const points = isNumeric(kind) ? pointsOf(tests) : undefined;
  return points ? numberPartition(field, points) : textPartition(field, tests, lists);
}

/** The numbers that decide the tests, ascending; undefined where something else does. */
function pointsOf(tests: readonly ValueTest[]): Quantity[] | undefined {
  const points: Quantity[] = [];
  for (const test of tests) {
    if ('compare' in test) points.push(test.to);
    else if ('in' in test) points.push(...test.in.filter((one) => one !== '').map(parseQuantity));
    else if (!('exists' in test)) return undefined;
  }
  return points.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Where a number lies among the points: at one or between which. */
function numberPartition(field: string, points: readonly Quantity[]): Partition {
  const read = endpointReader(field);
  return (flow) => {
    const digits = read(flow);
    if (digits === undefined) return 0;
    const value = parseQuantity(digits);
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle]! < value) low = middle + 1;
      else high = middle;
    }
    // Loose, since a bigint and a number may be the same number.
    const isPoint = low < points.length && !(points[low]! > value);
    return 1 + 2 * low + (isPoint ? 1 : 0);
  };
}

/** Which tests the text passes; answers are numbered as they come. */
function textPartition(field: string, tests: readonly ValueTest[], lists: Lists): Partition {
  const passes = tests.map((test) => matcher({ field, tests: [test] }, lists));
  const numbers = new Map<string, number>();
  const remembered = new Map<string | undefined, number>();
  const read = endpointReader(field);
  return (flow, time) => {
    const value = read(flow);
    const known = remembered.get(value);
    if (known !== undefined) return known;
    let answers = '';
    for (const pass of passes) answers += pass(flow, time) ? '1' : '0';
    const number = numbers.get(answers) ?? numbers.size;
    numbers.set(answers, number);
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(value === undefined ? undefined : detachString(value), number);
    return number;
  };
}
