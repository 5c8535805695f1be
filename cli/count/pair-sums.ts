import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import type { PairCounter } from '../statistics/pair-counter.ts';
import { hashWith, KeyTable } from './hash-table.ts';

/** The offsets of a pair's four numbers. */
const [bytesAt, rejectsAt, firstAt, lastAt, numbers] = [0, 1, 2, 3, 4];

/** Pairs whose names are decoded at once; the names of all pairs could exceed the maximum length of a string. */
const namesPerBlock = 4096;

/**
 * The sums of pairs by index, in typed arrays. The key of a pair is the bytes of its two addresses, each padded with one
 * to four zeros to 32-bit words. Names are decoded from the keys at the end.
 */
export class PairSums {
  readonly #keys = new KeyTable();
  /** Four numbers for each pair; a million pairs take 32 MB. */
  #sums = empty(1024);
  /** The part of the bytes beyond 53 bits, by index. */
  readonly #more = new Map<number, bigint>();
  #key = new Int32Array(64);

  /** Number of pairs. */
  get size(): number {
    return this.#keys.size;
  }

  /** Returns the index of a pair, and adds it if it is new. Addresses are in ASCII. */
  indexOf(src: string, dst: string): number {
    const [srcLength, length] = [wordsFor(src), wordsFor(src) + wordsFor(dst)];
    if (length > this.#key.length) this.#key = new Int32Array(length);
    const text = Buffer.from(this.#key.buffer);
    text.fill(0, 0, length * 4);
    text.write(src, 0, 'latin1');
    text.write(dst, srcLength * 4, 'latin1');
    return this.indexOfKey(this.#key, 0, length);
  }

  /** Returns the index of the pair whose key is in `key` from `from` to before `to`, and adds it if it is new. */
  indexOfKey(key: Int32Array, from: number, to: number): number {
    let hash = 0;
    for (let at = from; at < to; at += 1) hash = hashWith(hash, key[at]!);
    const known = this.#keys.find(key, from, to, hash);
    if (known >= 0) return known;
    const index = this.#keys.add(key, from, to, hash);
    if (this.#keys.size * numbers > this.#sums.length) {
      const larger = empty((this.#sums.length / numbers) * 2);
      larger.set(this.#sums);
      this.#sums = larger;
    }
    return index;
  }

  /** Adds an accepted flow's bytes, a safe integer. */
  addBytes(index: number, bytes: number): void {
    const at = index * numbers + bytesAt;
    const sum = this.#sums[at]! + bytes;
    if (sum <= Number.MAX_SAFE_INTEGER) {
      this.#sums[at] = sum;
      return;
    }
    this.#more.set(index, (this.#more.get(index) ?? 0n) + BigInt(this.#sums[at]!));
    this.#sums[at] = bytes;
  }

  addRejects(index: number, rejects: number): void {
    this.#sums[index * numbers + rejectsAt]! += rejects;
  }

  addTimes(index: number, start: number, end: number): void {
    const sums = this.#sums;
    const at = index * numbers;
    if (start < sums[at + firstAt]!) sums[at + firstAt] = start;
    if (end > sums[at + lastAt]!) sums[at + lastAt] = end;
  }

  /** Adds the sums of a pair. */
  add({ src, dst, bytes, rejects, firstSeen, lastSeen }: PairCounter): void {
    const index = this.indexOf(src, dst);
    if (typeof bytes === 'bigint') this.#more.set(index, (this.#more.get(index) ?? 0n) + bytes);
    else this.addBytes(index, bytes);
    this.addRejects(index, rejects);
    this.addTimes(index, firstSeen, lastSeen);
  }

  /** Returns the arrays, for another thread. */
  columns() {
    const { size, bounds, words } = this.#keys;
    const sums = this.#sums.slice(0, size * numbers);
    return { bounds: bounds.slice(0, size + 1), words: words.slice(0, bounds[size]), sums, more: this.#more };
  }

  /** Adds the sums of another thread. */
  addColumns({ bounds, words, sums, more }: ReturnType<PairSums['columns']>): void {
    for (let other = 0; other < bounds.length - 1; other += 1) {
      const index = this.indexOfKey(words, bounds[other]!, bounds[other + 1]!);
      const further = more.get(other);
      if (further !== undefined) this.#more.set(index, (this.#more.get(index) ?? 0n) + further);
      const at = other * numbers;
      this.addBytes(index, sums[at + bytesAt]!);
      this.addRejects(index, sums[at + rejectsAt]!);
      this.addTimes(index, sums[at + firstAt]!, sums[at + lastAt]!);
    }
  }

  /** Returns the totals of all pairs. */
  total(): Pick<PairCounter, 'bytes' | 'rejects'> {
    let [bytes, rejects]: [Quantity, number] = [0, 0];
    for (let index = 0; index < this.size; index += 1) {
      bytes = addQuantity(bytes, this.#bytesOf(index));
      rejects += this.#sums[index * numbers + rejectsAt]!;
    }
    return { bytes, rejects };
  }

  /** Returns the pairs with counted flows, the busiest first (busiestFirst). Sorts indexes instead of objects. */
  ranked(): RankedPairs {
    const { size, bounds, words } = this.#keys;
    const sums = this.#sums;
    const indexes = new Uint32Array(size);
    let length = 0;
    for (let index = 0; index < size; index += 1) {
      if (sums[index * numbers + lastAt] === Number.NEGATIVE_INFINITY) continue;
      indexes[length] = index;
      length += 1;
    }
    const ranked = indexes.subarray(0, length).sort((a, b) => {
      const [one, other] = [this.#bytesOf(a), this.#bytesOf(b)];
      if (one !== other) return one > other ? -1 : 1;
      return sums[b * numbers + rejectsAt]! - sums[a * numbers + rejectsAt]! || this.#compareKeys(a, b);
    });
    const names: string[] = [];
    const bytes = Buffer.from(words.buffer);
    for (let block = 0; block < size; block += namesPerBlock) {
      const stop = Math.min(size, block + namesPerBlock);
      names.push(bytes.toString('latin1', bounds[block]! * 4, bounds[stop]! * 4));
    }
    return new RankedPairs(ranked, (index) => this.#counterOf(index, names));
  }

  #bytesOf(index: number): Quantity {
    const bytes = this.#sums[index * numbers + bytesAt]!;
    return this.#more.size === 0 ? bytes : addQuantity(this.#more.get(index) ?? 0, bytes);
  }

  /** Compares two pairs by their addresses. */
  #compareKeys(a: number, b: number): number {
    const { bounds, words } = this.#keys;
    for (let [one, other] = [bounds[a]!, bounds[b]!]; ; one += 1, other += 1) {
      const differing = words[one]! ^ words[other]!;
      if (differing === 0) continue;
      const shift = (31 - Math.clz32(differing & -differing)) & ~7;
      return ((words[one]! >>> shift) & 0xff) - ((words[other]! >>> shift) & 0xff);
    }
  }

  #counterOf(index: number, names: readonly string[]): PairCounter {
    const { bounds } = this.#keys;
    const block = Math.floor(index / namesPerBlock);
    const text = names[block]!;
    const from = (bounds[index]! - bounds[block * namesPerBlock]!) * 4;
    const stop = text.indexOf('\0', from);
    const next = from + wordsAfter(stop - from) * 4;
    const at = index * numbers;
    return {
      src: text.slice(from, stop),
      dst: text.slice(next, text.indexOf('\0', next)),
      bytes: this.#bytesOf(index),
      rejects: this.#sums[at + rejectsAt]!,
      firstSeen: this.#sums[at + firstAt]!,
      lastSeen: this.#sums[at + lastAt]!,
    };
  }
}

/** Counters of pairs, the busiest first. Each is created on access, because most are only printed once. */
export class RankedPairs {
  readonly #indexes: Uint32Array;
  readonly #counterOf: (index: number) => PairCounter;

  constructor(indexes: Uint32Array, counterOf: (index: number) => PairCounter) {
    this.#indexes = indexes;
    this.#counterOf = counterOf;
  }

  get length(): number {
    return this.#indexes.length;
  }

  *[Symbol.iterator](): Generator<PairCounter> {
    for (let rank = 0; rank < this.#indexes.length; rank += 1) yield this.#counterOf(this.#indexes[rank]!);
  }

  slice(from: number, to: number): PairCounter[] {
    return Array.from(this.#indexes.subarray(from, to), this.#counterOf);
  }
}

function wordsFor(text: string): number {
  return wordsAfter(text.length);
}

/** Returns the number of words of an address, with its padding. */
function wordsAfter(bytes: number): number {
  return (bytes >> 2) + 1;
}

function empty(pairs: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(pairs * numbers);
  for (let at = 0; at < sums.length; at += numbers) {
    sums[at + firstAt] = Number.POSITIVE_INFINITY;
    sums[at + lastAt] = Number.NEGATIVE_INFINITY;
  }
  return sums;
}
