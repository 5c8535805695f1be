import { type SlotRange, valueWithin } from '../../counters/window.ts';
import type { TemporalPart } from '../../rules/model.ts';
import { type CounterState, slotsOf } from './counter-state.ts';
import { type Condition, type CorrelationWith, isOver, type WindowMeasure } from './window-measure.ts';

/** Measures `temporal`: the number of parts that occur within the window, in any order. */
export class TemporalMeasure implements WindowMeasure {
  readonly value: number;
  readonly isLowerBound = false;
  readonly #condition: Condition;

  constructor({ parts }: CorrelationWith<'parts'>, condition: Condition, range: SlotRange, state: CounterState) {
    this.#condition = condition;
    this.value = parts.filter((part) => occurs(part, range, state)).length;
  }

  exceeds(multiple: number): boolean {
    return isOver(this.value, this.#condition, multiple);
  }
}

/** Returns whether a part of a temporal correlation occurs within a window. */
export function occurs(part: TemporalPart, range: SlotRange, state: Pick<CounterState, 'slots'>): boolean {
  if ('times' in part) return valueWithin(slotsOf([part.times], state), range) > 0;
  return isOver(valueWithin(slotsOf(part.correlation.series, state), range), part);
}
