import type { ByteReader } from './byte-reader.ts';

/** Numbers things in the order of their first use. */
export class Renumbered<T> {
  readonly used: T[] = [];
  readonly #numbers = new Map<T, number>();

  /** Returns the number of a thing. */
  of(thing: T): number {
    let number = this.#numbers.get(thing);
    if (number === undefined) {
      number = this.used.push(thing) - 1;
      this.#numbers.set(thing, number);
    }
    return number;
  }

  /** Returns 0 for the first use of a thing, else its number plus one: a column of new things is then all zeros. */
  reference(thing: T): number {
    const count = this.used.length;
    const number = this.of(thing);
    return number === count ? 0 : number + 1;
  }
}

/** Reads the references of Renumbered to the things of a table. */
export class ReferenceReader<T> {
  readonly #reader: ByteReader;
  readonly #table: readonly T[];
  #used = 0;

  constructor(reader: ByteReader, table: readonly T[]) {
    this.#reader = reader;
    this.#table = table;
  }

  /** Returns the number of the next thing. */
  number(): number {
    const reference = this.#reader.below(this.#used + 1, 'a reference');
    if (reference > 0) return reference - 1;
    if (this.#used === this.#table.length) throw this.#reader.invalid('a new entry', `${this.#used} entries`);
    this.#used += 1;
    return this.#used - 1;
  }

  /** Returns the next thing. */
  thing(): T {
    return this.#table[this.number()]!;
  }
}
