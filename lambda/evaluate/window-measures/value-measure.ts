import type { Quantity } from '../../common/quantity.ts';
import { activeSlotsWithin, type SlotRange, valueWithin } from '../../counters/window.ts';
import type { ValueCorrelation } from '../../rules/model.ts';
import { type CounterState, hasFullSet, slotsOf } from './counter-state.ts';
import { type Condition, isOver, type WindowMeasure } from './window-measure.ts';

/** Measures a sum of the slots, the number of distinct values, or the number of active slots. */
export class ValueMeasure implements WindowMeasure {
  readonly value: Quantity;
  readonly isLowerBound: boolean;
  readonly #condition: Condition;

  constructor({ type, series }: ValueCorrelation, condition: Condition, range: SlotRange, state: CounterState) {
    this.#condition = condition;
    const slots = slotsOf(series, state);
    this.value = type === 'active_slots' ? activeSlotsWithin(slots, range) : valueWithin(slots, range);
    this.isLowerBound = hasFullSet(series, range, state);
  }

  exceeds(multiple: number): boolean {
    return isOver(this.value, this.#condition, multiple);
  }
}
