/** The first of many by an order, without keeping more than twice as many. */
export class TopN<T> {
  #kept: T[] = [];
  readonly #most: number;
  readonly #order: (a: T, b: T) => number;

  constructor(most: number, order: (a: T, b: T) => number) {
    this.#most = most;
    this.#order = order;
  }

  add(item: T): void {
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#most) this.#kept = this.items();
  }

  /** In their order. */
  items(): T[] {
    return this.#kept.toSorted(this.#order).slice(0, this.#most);
  }
}
