/**
 * A hash table of keys made of 32-bit words, which numbers the keys in the order of insertion. It consists of a few
 * typed arrays, so the garbage collector has nothing to trace, and threads can pass it on without a copy.
 */
export class KeyTable {
  /** Number of keys. */
  size = 0;
  /** The concatenated words of all keys. */
  words = new Int32Array(1 << 14);
  /** The index in `words` where each key begins, and where the last one ends. */
  bounds = new Int32Array((1 << 11) + 1);
  /** Pairs of a key's hash and its number plus one; zeros in free slots. */
  #slots = new Int32Array(1 << 13);

  /** Returns the number of the key in `key` from `from` to before `to`; -1 if it is unknown. */
  find(key: Int32Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (;;) {
      const number = slots[slot + 1]! - 1;
      if (number < 0) return -1;
      if (slots[slot] === hash && this.#isKey(number, key, from, to)) return number;
      slot = (slot + 2) & mask;
    }
  }

  /** Adds an unknown key. @returns its number */
  add(key: Int32Array, from: number, to: number, hash: number): number {
    const number = this.size;
    if (number + 1 === this.bounds.length) this.bounds = grown(this.bounds);
    const begin = this.bounds[number]!;
    const end = begin + to - from;
    while (end > this.words.length) this.words = grown(this.words);
    for (let at = 0; at < to - from; at += 1) this.words[begin + at] = key[from + at]!;
    this.bounds[number + 1] = end;
    this.size += 1;
    if (this.size * 4 > this.#slots.length) this.#growSlots();
    insert(this.#slots, hash, number);
    return number;
  }

  #isKey(number: number, key: Int32Array, from: number, to: number): boolean {
    const { words, bounds } = this;
    let at = bounds[number]!;
    if (bounds[number + 1]! - at !== to - from) return false;
    for (let other = from; other < to; other += 1) {
      if (words[at] !== key[other]) return false;
      at += 1;
    }
    return true;
  }

  #growSlots(): void {
    const slots = this.#slots;
    const larger = new Int32Array(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot += 2) {
      if (slots[slot + 1] !== 0) insert(larger, slots[slot]!, slots[slot + 1]! - 1);
    }
    this.#slots = larger;
  }
}

/** Returns the hash of a key with one more word. */
export function hashWith(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function insert(slots: Int32Array, hash: number, number: number): void {
  const mask = slots.length - 1;
  let slot = (hash << 1) & mask;
  while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
  slots[slot] = hash;
  slots[slot + 1] = number + 1;
}

/** Returns a copy of twice the length. */
export function grown<T extends Int32Array<ArrayBuffer> | Int8Array<ArrayBuffer>>(values: T): T {
  const larger = new (values.constructor as new (length: number) => T)(values.length * 2);
  larger.set(values);
  return larger;
}
