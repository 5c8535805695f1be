import type { Quantity } from '../../common/quantity.ts';
import { type SlotRange, valueWithin } from '../../counters/window.ts';
import { type CounterState, slotsOf } from './counter-state.ts';
import { type Condition, type CorrelationWith, isOver, type WindowMeasure } from './window-measure.ts';

/** Measures `value_avg`: the mean of a field over the flows that have the field. The value is rounded down. */
export class AverageMeasure implements WindowMeasure {
  readonly value: Quantity;
  readonly isLowerBound = false;
  readonly #sum: Quantity;
  readonly #count: Quantity;
  readonly #condition: Condition;

  constructor({ sums, counts }: CorrelationWith<'sums'>, condition: Condition, range: SlotRange, state: CounterState) {
    this.#condition = condition;
    this.#sum = valueWithin(slotsOf(sums, state), range);
    this.#count = valueWithin(slotsOf(counts, state), range);
    this.value = meanOf(this.#sum, this.#count);
  }

  exceeds(multiple: number): boolean {
    if (this.#count === 0) return false;
    const { comparison, threshold } = this.#condition;
    const limit = threshold * multiple;
    if (!Number.isSafeInteger(limit)) return isOver(Number(this.#sum) / Number(this.#count), this.#condition, multiple);
    // The mean is not rounded if the limit is a whole number: the sum is compared with the limit times the count.
    const needed = BigInt(limit) * BigInt(this.#count);
    return comparison === 'gt' ? BigInt(this.#sum) > needed : BigInt(this.#sum) >= needed;
  }
}

function meanOf(sum: Quantity, count: Quantity): Quantity {
  if (count === 0) return 0;
  return typeof sum === 'bigint' ? sum / BigInt(count) : Math.floor(sum / Number(count));
}
