import { type SlotRange, valueWithin } from '../../counters/window.ts';
import { type CounterState, slotsOf } from './counter-state.ts';
import type { Condition, CorrelationWith, WindowMeasure } from './window-measure.ts';

/**
 * Measures `value_percentile` by counts: the flows over the threshold, and all flows that have the field.
 * The value is the smallest one over the threshold; multiples of the threshold are not counted.
 */
export class PercentileMeasure implements WindowMeasure {
  readonly value: number;
  readonly isLowerBound = true;
  readonly #above: number;
  readonly #all: number;
  readonly #percentile: number;

  constructor(
    { above, all, percentile }: CorrelationWith<'percentile'>,
    { comparison, threshold }: Condition,
    range: SlotRange,
    state: CounterState,
  ) {
    this.value = comparison === 'gt' ? threshold + 1 : threshold;
    this.#above = Number(valueWithin(slotsOf(above, state), range));
    this.#all = Number(valueWithin(slotsOf(all, state), range));
    this.#percentile = percentile;
  }

  exceeds(): boolean {
    // The nearest rank is ceil(percentile * all / 100). Whole numbers, since 99.9 * 1000 is not 99900.
    const thousandths = Math.round(this.#percentile * 1000);
    return (this.#all - this.#above) * 100_000 < thousandths * this.#all;
  }
}
