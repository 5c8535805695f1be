import { isOfPairs } from '../rules/correlation.ts';

/** Something for each counter of a batch: its builder, or its size. */
export interface CounterSizes<T> {
  /** By the source, the target and the words of their scope, joined with a space, in the order of their first use. */
  readonly pairs: ReadonlyMap<string, T>;
  /** Of groups other than pairs: by the fields, joined with commas, and by their values and scope, joined with a space. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, T>>;
}

/** Creates what a counter of a batch has; undefined for a group that is not counted. */
export interface CounterFactory<T> {
  /** @param name the source, the target and the words of their scope, joined with a space */
  pair(name: string): T;
  /** @param scope words with a blank before each: see scopeReader */
  group(groupBy: readonly string[], values: readonly string[], scope: string, name: string): T | undefined;
}

/**
 * Holds something for each counter of a batch. Looks it up by the values joined with a space, which no value contains, so
 * that no key is built per flow.
 */
export class CounterMap<T> implements CounterSizes<T> {
  readonly pairs = new Map<string, T>();
  readonly groups = new Map<string, Map<string, T>>();
  /** All groups, in the order of their first use. */
  readonly groupList: T[] = [];
  /** Number of flows that end at an implausible time. */
  implausibleTimes = 0;
  /** Number of accepted flows that are left out, since another interface logs them too. */
  duplicateObservations = 0;
  readonly #factory: CounterFactory<T>;
  readonly #groupsOfArray = new Map<readonly string[], Map<string, T>>();

  constructor(factory: CounterFactory<T>) {
    this.#factory = factory;
  }

  /** @param name the source, the target and the words of their scope, joined with a space */
  ofPair(name: string): T {
    let one = this.pairs.get(name);
    if (one === undefined) {
      one = this.#factory.pair(name);
      this.pairs.set(name, one);
    }
    return one;
  }

  /**
   * @param groupBy field names in alphabetical order
   * @param scope words with a blank before each: see scopeReader
   */
  ofGroup(groupBy: readonly string[], values: readonly string[], scope: string): T | undefined {
    if (isOfPairs(groupBy)) return this.ofPair(`${values[1]} ${values[0]}${scope}`);
    const group = this.#groupsOf(groupBy);
    const name = (values.length === 1 ? values[0]! : values.join(' ')) + scope;
    let one = group.get(name);
    if (one === undefined) {
      one = this.#factory.group(groupBy, values, scope, name);
      if (one === undefined) return undefined;
      group.set(name, one);
      this.groupList.push(one);
    }
    return one;
  }

  /** Series with equal fields in different arrays share their groups. */
  #groupsOf(groupBy: readonly string[]): Map<string, T> {
    let group = this.#groupsOfArray.get(groupBy);
    if (!group) {
      const fields = groupBy.join();
      group = this.groups.get(fields) ?? new Map<string, T>();
      this.groups.set(fields, group);
      this.#groupsOfArray.set(groupBy, group);
    }
    return group;
  }
}
