/** The first items of a sequence by an order; retains at most twice as many items. */
export class TopN<T> {
  #items: T[] = [];
  readonly #max: number;
  readonly #order: (a: T, b: T) => number;

  /** @param order comparison of two items, as Array.sort takes it */
  constructor(max: number, order: (a: T, b: T) => number) {
    this.#max = max;
    this.#order = order;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#max) this.#items = this.items();
  }

  /** Returns the first items, in order. */
  items(): T[] {
    return this.#items.toSorted(this.#order).slice(0, this.#max);
  }
}
