import { type CounterKey, counterKey, pairKey } from '../counters/counter-key.ts';
import { type Dictionary, noCode } from '../flow-log/dictionary.ts';
import { PairNumbers } from '../flow-log/pair-numbers.ts';
import { scopeOfWords } from '../flow-log/scope.ts';
import { isOfPairs } from '../rules/correlation.ts';

/** Creates what a counter has when it is found for the first time. */
export interface CounterFactory<T> {
  /** @param name the source, the target and the words of their scope, joined with a space */
  pair(name: string): T;
  /**
   * @param scope words with a blank before each: see scopeReader
   * @param name the values and the scope, joined with a space
   * @returns undefined for a group that is not counted; it is asked for again with each flow
   */
  group(groupBy: readonly string[], values: readonly string[], scope: string, name: string): T | undefined;
}

/** Returns the key of a pair. @param name as CounterFactory gets it */
export function keyOfPair(name: string): CounterKey {
  const [src, dst, ...scope] = name.split(' ') as [string, string, ...string[]];
  return pairKey(src, dst, scopeOfWords(scope));
}

/** Returns the key of a group. @param groupBy,values,scope as CounterFactory gets them */
export function keyOfGroup(groupBy: readonly string[], values: readonly string[], scope: string): CounterKey {
  return counterKey(groupBy, values, scopeOfWords(scope.split(' ').slice(1)));
}

/** Finds something for each counter by the codes of a flow's values, so that no name is built for each flow. */
export class CountersByCode<T> {
  readonly dictionary: Dictionary;
  readonly #factory: CounterFactory<T>;
  readonly #pairsByNumber = new ByNumber<T>(3);
  readonly #groupsByFields = new Map<string, GroupsOfFields<T>>();

  constructor(factory: CounterFactory<T>, dictionary: Dictionary) {
    this.#factory = factory;
    this.dictionary = dictionary;
  }

  /** @param src,dst,scope codes: of the endpoints, and of the words of a scope (see scopeCodes) */
  ofPair(src: number, dst: number, scope: number): T {
    const { levels, list } = this.#pairsByNumber;
    const number = levels[1]!.numberOf(levels[0]!.numberOf(src, dst), scope);
    const known = list[number];
    if (known !== undefined) return known;
    const name = `${this.#text(src)} ${this.#text(dst)}${this.#text(scope)}`;
    const one = this.#factory.pair(name);
    list[number] = one;
    return one;
  }

  /** Returns the groups of a series. @param groupBy field names in alphabetical order */
  groupsBy(groupBy: readonly string[]): GroupsOfFields<T> {
    const fields = groupBy.join();
    const known = this.#groupsByFields.get(fields);
    if (known) return known;
    const groups = { groupBy, byNumber: new ByNumber<T>(groupBy.length + 1) };
    this.#groupsByFields.set(fields, groups);
    return groups;
  }

  /**
   * @param values a column of codes for each field that the groups have
   * @param scope the code of the words of a scope
   * @returns undefined if a value is not available, or the group is not counted
   */
  ofGroup(
    { groupBy, byNumber }: GroupsOfFields<T>,
    values: readonly Int32Array[],
    row: number,
    scope: number,
  ): T | undefined {
    for (const codes of values) if (codes[row] === noCode) return undefined;
    if (isOfPairs(groupBy)) return this.ofPair(values[1]![row]!, values[0]![row]!, scope);
    const { levels, list } = byNumber;
    let number = values[0]![row]!;
    for (let index = 1; index < values.length; index += 1)
      number = levels[index - 1]!.numberOf(number, values[index]![row]!);
    number = levels[values.length - 1]!.numberOf(number, scope);
    const known = list[number];
    if (known !== undefined) return known;
    const texts = values.map((codes) => this.#text(codes[row]!));
    const ofScope = this.#text(scope);
    const name = texts.join(' ') + ofScope;
    const one = this.#factory.group(groupBy, texts, ofScope, name);
    if (one === undefined) return undefined;
    list[number] = one;
    return one;
  }

  #text(code: number): string {
    return this.dictionary.textOf(code) ?? '';
  }
}

/** The groups of the same fields. Series with equal fields share their groups. */
export interface GroupsOfFields<T> {
  readonly groupBy: readonly string[];
  readonly byNumber: ByNumber<T>;
}

/** Something for each tuple of codes. */
class ByNumber<T> {
  /** Each level numbers the tuples of the level before with one more code. */
  readonly levels: readonly PairNumbers[];
  /** By the number of the last level. */
  readonly list: (T | undefined)[] = [];

  /** @param width the number of codes in a tuple, at least two */
  constructor(width: number) {
    this.levels = Array.from({ length: width - 1 }, () => new PairNumbers());
  }
}
