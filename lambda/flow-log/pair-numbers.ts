/**
 * Numbers pairs of numbers in the order of their first use, from 0 on: equal pairs have equal numbers. A longer tuple is
 * the pair of the number of its beginning and its last element.
 */
export class PairNumbers {
  /** The number of distinct pairs. */
  size = 0;
  /** The number of a pair and 1; 0 in a free slot. */
  #slots = new Int32Array(64);
  #pairs = new Int32Array(64);

  /** Returns the number of a pair of whole numbers. */
  numberOf(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(first, second) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (this.#pairs[2 * number] === first && this.#pairs[2 * number + 1] === second) return number;
    }
    return this.#add(slot, first, second);
  }

  #add(slot: number, first: number, second: number): number {
    const number = this.size;
    if (2 * number === this.#pairs.length) {
      const grown = new Int32Array(4 * number);
      grown.set(this.#pairs);
      this.#pairs = grown;
    }
    this.#pairs[2 * number] = first;
    this.#pairs[2 * number + 1] = second;
    this.size = number + 1;
    this.#slots[slot] = this.size;
    if (2 * this.size > this.#slots.length) this.#growSlots();
    return number;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.size; number += 1) {
      let slot = hashOf(this.#pairs[2 * number]!, this.#pairs[2 * number + 1]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function hashOf(first: number, second: number): number {
  const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
