import type { Dictionary } from '../flow-log/dictionary.ts';
import { type CounterFactory, CountersByCode } from './counters-by-code.ts';

/** Something for each counter of a batch: its builder, or its size. */
export interface CounterSizes<T> {
  /** By the source, the target and the words of their scope, joined with a space, in the order of their first use. */
  readonly pairs: ReadonlyMap<string, T>;
  /** Of groups other than pairs: by the fields, joined with commas, and by their values and scope, joined with a space. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, T>>;
}

/** Holds something for each counter of a batch, by name and by code. */
export class CounterMap<T> implements CounterSizes<T> {
  readonly pairs = new Map<string, T>();
  readonly groups = new Map<string, Map<string, T>>();
  /** All groups, in the order of their first use. */
  readonly groupList: T[] = [];
  readonly byCode: CountersByCode<T>;

  constructor(factory: CounterFactory<T>, dictionary: Dictionary) {
    this.byCode = new CountersByCode(
      {
        pair: (name) => {
          const one = factory.pair(name);
          this.pairs.set(name, one);
          return one;
        },
        group: (groupBy, values, scope, name) => {
          const one = factory.group(groupBy, values, scope, name);
          if (one !== undefined) this.#addGroup(groupBy.join(), name, one);
          return one;
        },
      },
      dictionary,
    );
  }

  #addGroup(fields: string, name: string, one: T): void {
    const names = this.groups.get(fields);
    if (names) names.set(name, one);
    else this.groups.set(fields, new Map([[name, one]]));
    this.groupList.push(one);
  }
}
