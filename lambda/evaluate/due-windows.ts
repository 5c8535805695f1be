import type { Quantity } from '../common/quantity.ts';
import type { CountedDelta } from '../counters/delta.ts';
import { touchedWindows, type Window, windowOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf, needsEarlierWindow } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { candidateIndex } from './candidate-rules.ts';
import { isSilent } from './slot-conditions.ts';
import { evaluateWindow } from './window-value.ts';

/** A window that exceeds a rule's threshold, and the largest multiple that it exceeds. */
export interface DueWindow {
  readonly window: Window;
  readonly value: Quantity;
  readonly isLowerBound: boolean;
  readonly multiple: number;
  /** The update after which the window was evaluated. */
  readonly update: CountedDelta;
}

/**
 * Returns the windows that exceed each rule's threshold and depend on the batch's additions, in order of time.
 * A window to which a later update of the batch adds is evaluated only after that update: between two updates the
 * counter may hold a sum without its count.
 *
 * @param updates the batch's updates of one counter, in order
 * @param observedSince the arrival of the first batch of all, in epoch seconds: rules learn from then on
 */
export function dueWindows(
  updates: readonly CountedDelta[],
  rules: LoadedRules,
  observedSince: number,
): ReadonlyMap<Rule, readonly DueWindow[]> {
  const index = candidateIndex(rules);
  const candidatesOf = updates.map(({ delta, counter }) => index.candidates(delta.additions, counter));
  if (candidatesOf.every((candidates) => candidates.length === 0)) return none;
  const due = new Map<Rule, readonly DueWindow[]>();
  const firstLaterSlot = new Map<string, number>();
  for (const [position, update] of [...updates.entries()].reverse()) {
    const { additions } = update.delta;
    for (const rule of candidatesOf[position]!) {
      const ids = allSeriesOf(rule);
      const touched = additions.flatMap(({ series, slot }) => (ids.includes(series) ? slot : []));
      const endBefore = Math.min(...ids.map((id) => firstLaterSlot.get(id) ?? Number.POSITIVE_INFINITY));
      const windows = dueWindowsOf(rule, update, touched, rules, observedSince, endBefore);
      if (windows.length > 0) due.set(rule, [...(due.get(rule) ?? []), ...windows]);
    }
    if (position === 0) break;
    for (const [id, added] of Map.groupBy(additions, ({ series }) => series)) {
      firstLaterSlot.set(id, Math.min(...added.map(({ slot }) => slot)));
    }
  }
  if (due.size === 0) return due;
  return new Map([...due].map(([rule, windows]) => [rule, windows.toSorted((a, b) => a.window.to - b.window.to)]));
}

const none: ReadonlyMap<Rule, readonly DueWindow[]> = new Map();

/** @param endBefore the slot before which a window must end to be evaluated */
function dueWindowsOf(
  rule: Rule,
  update: CountedDelta,
  touched: readonly number[],
  { series }: LoadedRules,
  observedSince: number,
  endBefore: number,
): DueWindow[] {
  const ids = allSeriesOf(rule);
  const { slots, firstSeen } = update.counter;
  const { slotSeconds } = series.get(ids[0]!)!;
  const filled = ids.flatMap((id) => [...(slots.get(id)?.keys() ?? [])]);
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const windows = touchedWindows(filled, touched, length, needsEarlierWindow(rule) ? 2 * length - 1 : length);
  return windows.flatMap((range) => {
    if (range.last >= endBefore || !isSilent(rule, range, { slots, series })) return [];
    const { value, isLowerBound, multiple } = evaluateWindow(rule, range, { slots, series });
    const window = windowOf(range, slotSeconds);
    if (multiple === undefined || !isNew(rule, firstSeen, window, observedSince)) return [];
    return [{ window, value, isLowerBound, multiple, update }];
  });
}

/** Returns whether the key is as new as `first_seen` asks, and was first seen after the learning time. */
function isNew({ extension }: Rule, firstSeen: number, window: Window, observedSince: number): boolean {
  if (!extension.firstSeen) return true;
  const { withinSeconds, learningSeconds } = extension.firstSeen;
  return firstSeen >= window.to - withinSeconds && firstSeen >= observedSince + learningSeconds;
}
