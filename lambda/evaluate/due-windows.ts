import type { Quantity } from '../common/quantity.ts';
import type { CountedDelta } from '../counters/delta.ts';
import { touchedWindows, type Window, windowOf, windowSlots } from '../counters/window.ts';
import { allSeriesOf, learningName, needsEarlierWindow } from '../rules/correlation.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule } from '../rules/model.ts';
import { candidateIndex } from './candidate-rules.ts';
import type { LearningStarts } from './learning-starts.ts';
import { isSilent } from './slot-conditions.ts';
import { type BoundOf, boundsOf, couldExceed } from './upper-bound.ts';
import type { SlotsBySeries } from './window-measures/counter-state.ts';
import { evaluateWindow } from './window-value.ts';

/** A window that exceeds a rule's threshold, and the largest multiple that it exceeds. */
interface ExceedingWindow {
  readonly window: Window;
  readonly value: Quantity;
  readonly isLowerBound: boolean;
  readonly multiple: number;
}

/** A window that exceeds a rule's threshold after an update of a batch. */
export interface DueWindow extends ExceedingWindow {
  /** The update after which the window was evaluated. */
  readonly update: CountedDelta;
}

/**
 * Returns the windows that exceed each rule's threshold and depend on the batch's additions, in order of time.
 * A window to which a later update of the batch adds is evaluated only after that update: between two updates the
 * counter may hold a sum without its count.
 *
 * @param updates the batch's updates of one counter, in order
 */
export function dueWindows(
  updates: readonly CountedDelta[],
  rules: LoadedRules,
  learning: LearningStarts,
): ReadonlyMap<Rule, readonly DueWindow[]> {
  const index = candidateIndex(rules);
  const candidatesOf = updates.map(({ delta, counter }) =>
    index.candidates(
      delta.additions.map(({ series }) => series),
      boundsOf(counter),
    ),
  );
  if (candidatesOf.every((candidates) => candidates.length === 0)) return none;
  const due = new Map<Rule, readonly DueWindow[]>();
  const firstLaterSlot = new Map<string, number>();
  for (const [position, update] of [...updates.entries()].reverse()) {
    const { additions } = update.delta;
    for (const rule of candidatesOf[position]!) {
      const ids = allSeriesOf(rule);
      const touched = additions.flatMap(({ series, slot }) => (ids.includes(series) ? slot : []));
      const endBefore = Math.min(...ids.map((id) => firstLaterSlot.get(id) ?? Number.POSITIVE_INFINITY));
      const windows = exceedingWindows(rule, update.counter, touched, rules, learning, endBefore);
      if (windows.length === 0) continue;
      due.set(rule, [...(due.get(rule) ?? []), ...windows.map((window) => ({ ...window, update }))]);
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

/** A series to which a batch adds, and the slots that it adds to. */
export interface TouchedSeries {
  readonly id: string;
  readonly touched: readonly number[];
}

/** The slots of a counter. */
interface EvaluatedSlots {
  readonly slots: SlotsBySeries;
  /** Epoch seconds. */
  readonly firstSeen: number;
}

/** The slots of a counter, with the bounds of their windows. */
export interface BoundedSlots extends EvaluatedSlots {
  boundOf: BoundOf;
}

/**
 * Returns whether dueWindows finds a window after the only update of a batch to a counter, without the update itself.
 *
 * @param all the series to which the update adds
 * @param counter after the update
 */
export function hasDueWindow(
  all: readonly TouchedSeries[],
  counter: BoundedSlots,
  rules: LoadedRules,
  learning: LearningStarts,
): boolean {
  const boundOf: BoundOf = (series, from) => counter.boundOf(series, from);
  const candidates = candidateIndex(rules).candidates(
    all.map(({ id }) => id),
    boundOf,
  );
  return candidates.some((rule) => {
    const ids = allSeriesOf(rule);
    const touched = all.flatMap((one) => (ids.includes(one.id) ? one.touched : []));
    // Most counters without a due window have more in older slots than in the windows that depend on these slots.
    const from = Math.min(...touched) - dependentSlots(rule, rules) + 1;
    if (!couldExceed(rule, (series) => boundOf(series, from))) return false;
    return exceedingWindows(rule, counter, touched, rules, learning).length > 0;
  });
}

/**
 * Returns the windows that exceed a rule's threshold and depend on touched slots.
 *
 * @param endBefore the slot before which a window must end to be evaluated (default: any slot)
 */
function exceedingWindows(
  rule: Rule,
  { slots, firstSeen }: EvaluatedSlots,
  touched: readonly number[],
  rules: LoadedRules,
  learning: LearningStarts,
  endBefore: number = Number.POSITIVE_INFINITY,
): ExceedingWindow[] {
  const { series } = rules;
  const slotSeconds = slotSecondsOfRule(rule, rules);
  const filled = allSeriesOf(rule).flatMap((id) => [...(slots.get(id)?.keys() ?? [])]);
  const length = windowSlots(rule.timespanSeconds, slotSeconds);
  const windows = touchedWindows(filled, touched, length, dependentSlots(rule, rules));
  return windows.flatMap((range) => {
    if (range.last >= endBefore || !isSilent(rule, range, { slots, series })) return [];
    const { value, isLowerBound, multiple } = evaluateWindow(rule, range, { slots, series });
    const window = windowOf(range, slotSeconds);
    if (multiple === undefined || !isNew(rule, firstSeen, window, learning)) return [];
    return [{ window, value, isLowerBound, multiple }];
  });
}

/** Returns the number of slots, from a changed slot on, whose windows depend on it: see touchedWindows. */
function dependentSlots(rule: Rule, rules: LoadedRules): number {
  const length = windowSlots(rule.timespanSeconds, slotSecondsOfRule(rule, rules));
  return needsEarlierWindow(rule) ? 2 * length - 1 : length;
}

/** All series of a rule have slots of the same length. */
function slotSecondsOfRule(rule: Rule, { series }: LoadedRules): number {
  return series.get(allSeriesOf(rule)[0]!)!.slotSeconds;
}

/** Returns whether the key is as new as `first_seen` asks, and was first seen after the learning time. */
function isNew(rule: Rule, firstSeen: number, window: Window, learning: LearningStarts): boolean {
  if (!rule.extension.firstSeen) return true;
  const { withinSeconds, learningSeconds } = rule.extension.firstSeen;
  const since = learning.get(learningName(rule)) ?? Number.NEGATIVE_INFINITY;
  return firstSeen >= window.to - withinSeconds && firstSeen >= since + learningSeconds;
}
