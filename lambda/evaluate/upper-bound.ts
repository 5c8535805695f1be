import type { Rule, TemporalPart } from '../rules/model.ts';
import type { CounterState } from './window-measures/counter-state.ts';
import { isOver } from './window-measures/window-measure.ts';

/** The sum over all slots that a counter holds of some series. */
export interface UpperBound {
  /** The number of slots that hold something. */
  readonly filled: number;
  /** No window holds more; infinite if the sum is not a safe integer. */
  readonly value: number;
}

/**
 * Returns the upper bound of every window of some series of one counter.
 *
 * @param from the first slot of all windows; slots before it may count, or not (default: any slot)
 */
export type BoundOf = (series: readonly string[], from?: number) => UpperBound;

/** Returns the bounds of a counter with these slots. */
export function boundsOf(state: Pick<CounterState, 'slots'>): BoundOf {
  return (series) => upperBound(series, state);
}

/**
 * Returns whether a window of the counter could exceed the rule's threshold; false only if no window can.
 * Most counters are far below: the sum of all their slots is less than one window would need.
 */
export function couldExceed(rule: Rule, boundOf: BoundOf): boolean {
  const { correlation, extension } = rule;
  if ('parts' in correlation) {
    const possible = correlation.parts.filter((part) => couldOccur(part, boundOf)).length;
    return isOver(possible, rule);
  }
  if (!('series' in correlation)) return true;
  const bound = boundOf(correlation.series);
  return bound.filled >= (extension.activeSlots ?? 0) && isBoundOver(bound, rule);
}

/** Returns whether the upper bound of a rule's value exceeds the rule's threshold. */
export function isBoundOver({ filled, value }: UpperBound, rule: Rule): boolean {
  return isOver(rule.correlation.type === 'active_slots' ? filled : value, rule);
}

/** Returns the upper bound of every window of the series. */
function upperBound(series: readonly string[], { slots }: Pick<CounterState, 'slots'>): UpperBound {
  let filled = 0;
  let sum = 0;
  for (const id of series) {
    for (const value of slots.get(id)?.values() ?? []) {
      filled += 1;
      if (typeof value === 'bigint') sum = Number.POSITIVE_INFINITY;
      else sum += typeof value === 'object' ? value.size : Math.max(0, value);
    }
  }
  return { filled, value: sum > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : sum };
}

function couldOccur(part: TemporalPart, boundOf: BoundOf): boolean {
  if ('times' in part) return boundOf([part.times]).value > 0;
  return isOver(boundOf(part.correlation.series).value, part);
}
