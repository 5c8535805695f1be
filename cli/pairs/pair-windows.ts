import type { Quantity } from '../../lambda/common/quantity.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import type { CounterKey } from '../../lambda/counters/counter-key.ts';
import { groupsBy } from '../../lambda/counters/counter-key.ts';
import { slotOf, windowOf, windowSlots } from '../../lambda/counters/window.ts';
import { evaluateWindow } from '../../lambda/evaluate/window-value.ts';
import { allSeriesOf } from '../../lambda/rules/correlation.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import type { Rule } from '../../lambda/rules/model.ts';

/** The value of a rule's window for one key. */
export interface LiveWindow {
  readonly rule: Rule;
  readonly window: { readonly from: number; readonly to: number };
  readonly value: Quantity;
  /** Whether the true value may be larger: see evaluate/window-value.ts. */
  readonly isLowerBound: boolean;
  /** The largest multiple of the threshold that the value exceeds; undefined if it does not exceed the threshold. */
  readonly multiple: number | undefined;
}

/**
 * Returns the windows that end at a time, of the rules that have slots for the key; those over the threshold first.
 *
 * @param at epoch seconds
 */
export function liveWindows(
  { slots }: Counter,
  key: CounterKey,
  { rules, series }: LoadedRules,
  at: number,
): LiveWindow[] {
  const windows = [...rules.values()].flatMap((rule): LiveWindow[] => {
    const ids = allSeriesOf(rule);
    if (!groupsBy(rule, key) || !ids.some((id) => slots.has(id))) return [];
    const { slotSeconds } = series.get(ids[0]!)!;
    const last = slotOf(at, slotSeconds);
    const range = { first: last - windowSlots(rule.timespanSeconds, slotSeconds) + 1, last };
    return [{ rule, window: windowOf(range, slotSeconds), ...evaluateWindow(rule, range, { slots, series }) }];
  });
  return windows.sort((a, b) => (b.multiple ?? 0) - (a.multiple ?? 0));
}
