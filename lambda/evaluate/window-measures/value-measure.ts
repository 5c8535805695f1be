import type { Quantity } from '../../common/quantity.ts';
import { type SlotRange, valueWithin } from '../../counters/window.ts';
import type { ValueCorrelation } from '../../rules/model.ts';
import { type CounterState, hasFullSet, slotsOf } from './counter-state.ts';
import { type Condition, isOver, type WindowMeasure } from './window-measure.ts';

/** Measures `event_count`, `value_sum` and `value_count`: the sum of the slots, or the number of distinct values. */
export class ValueMeasure implements WindowMeasure {
  readonly value: Quantity;
  readonly isLowerBound: boolean;
  readonly #condition: Condition;

  constructor({ series }: ValueCorrelation, condition: Condition, range: SlotRange, state: CounterState) {
    this.#condition = condition;
    this.value = valueWithin(slotsOf(series, state), range);
    this.isLowerBound = hasFullSet(series, range, state);
  }

  exceeds(multiple: number): boolean {
    return isOver(this.value, this.#condition, multiple);
  }
}
