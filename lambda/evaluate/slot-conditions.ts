import type { Quantity } from '../common/quantity.ts';
import { type SlotRange, valueWithin } from '../counters/window.ts';
import { seriesOf } from '../rules/correlation.ts';
import type { Rule } from '../rules/model.ts';
import { type CounterState, slotsOf } from './window-measures/counter-state.ts';

/**
 * Returns whether a window meets the conditions of the rule's `flow_sentinel` block on slots and silence.
 * `first_seen` is a condition on the counter and not on the window: see due-windows.ts.
 */
export function meetsSlotConditions(rule: Rule, range: SlotRange, state: CounterState): boolean {
  const { activeSlots, maxSlotValue, maxSlotSpread } = rule.extension;
  if (!isSilent(rule, range, state)) return false;
  if (activeSlots === undefined && maxSlotValue === undefined && maxSlotSpread === undefined) return true;
  const active = activeSlotsOf(rule, range, state);
  if (activeSlots !== undefined && active.size < activeSlots) return false;
  if (maxSlotValue !== undefined && active.values().some((value) => value > maxSlotValue)) return false;
  if (maxSlotSpread === undefined) return true;
  // The window's first and last slot may hold only a part of their time.
  const complete = [...active].flatMap(([slot, value]) =>
    slot === range.first || slot === range.last ? [] : Number(value),
  );
  return Math.max(...complete) <= maxSlotSpread * Math.min(...complete);
}

/** Returns the value of each slot within a window that holds something. */
function activeSlotsOf({ correlation }: Rule, range: SlotRange, state: CounterState): Map<number, Quantity> {
  const active = new Map<number, Quantity>();
  const series = slotsOf(seriesOf(correlation), state);
  for (const slots of series) {
    for (const [slot, value] of slots) {
      if (slot < range.first || slot > range.last || active.has(slot)) continue;
      const isSum = series.length === 1 && typeof value !== 'object';
      active.set(slot, isSum ? value : valueWithin(series, { first: slot, last: slot }));
    }
  }
  return active;
}

/**
 * Returns whether the rule's flows stopped before the end of the window for as long as the rule's `silent` asks.
 * Returns true for a rule without `silent`.
 */
export function isSilent({ correlation, extension: { silent } }: Rule, range: SlotRange, state: CounterState): boolean {
  if (!silent) return true;
  if (!state.slots.get(silent.while)?.has(range.last)) return false;
  const slotSeconds = state.series.get(silent.while)?.slotSeconds ?? 1;
  // Complete slots lie between the last filled slot and the open one, so the silence is never shorter than asked.
  const latest = range.last - 1 - Math.ceil(silent.forSeconds / slotSeconds);
  for (const slots of slotsOf(seriesOf(correlation), state)) {
    for (const slot of slots.keys()) if (slot >= range.first && slot <= range.last && slot > latest) return false;
  }
  return true;
}
