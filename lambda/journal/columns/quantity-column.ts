import type { Quantity } from '../../common/quantity.ts';

/** Exact whole numbers: each that is not a safe integer is in the side table, by its index, and zero in the array. */
export interface QuantityColumn {
  readonly numbers: Float64Array;
  readonly large: ReadonlyMap<number, bigint>;
}

/** Returns the number at an index. */
export function quantityAt({ numbers, large }: QuantityColumn, index: number): Quantity {
  return large.size === 0 ? numbers[index]! : (large.get(index) ?? numbers[index]!);
}

/** Appends whole numbers to a column. */
export class QuantityList {
  readonly #numbers: number[] = [];
  readonly #large = new Map<number, bigint>();

  push(value: Quantity): void {
    if (typeof value === 'bigint') this.#large.set(this.#numbers.length, value);
    this.#numbers.push(typeof value === 'bigint' ? 0 : value);
  }

  column(): QuantityColumn {
    return { numbers: new Float64Array(this.#numbers), large: this.#large };
  }
}
