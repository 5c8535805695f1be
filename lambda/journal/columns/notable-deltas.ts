import type { Addition, KeyDelta } from '../../counters/delta.ts';
import { isOver } from '../../evaluate/window-measures/window-measure.ts';
import type { LoadedRules } from '../../rules/loaded.ts';
import type { Rule, ValueCorrelation } from '../../rules/model.ts';

/** A delta of a twentieth of a threshold is notable: a reader of an alert looks up its interfaces and instances first. */
const notableShare = 20;

/**
 * Returns a test for deltas that have a twentieth or more of a fast rule's threshold in one series. A fast rule counts
 * flows, sums or distinct values, also as a correlation within a temporal rule, without a condition on single slots.
 */
export function notableDeltas({ rules }: Pick<LoadedRules, 'rules'>): (delta: KeyDelta) => boolean {
  const notable = new Map<string, number>();
  for (const rule of rules.values()) {
    for (const { series, threshold } of fastThresholds(rule)) {
      for (const id of series) {
        notable.set(id, Math.min(threshold / notableShare, notable.get(id) ?? Number.POSITIVE_INFINITY));
      }
    }
  }
  return ({ additions }) =>
    additions.some(({ series }, index) => {
      const limit = notable.get(series);
      // A series has few slots in a delta, and most deltas are notable at the first or never.
      return limit !== undefined && sumUpTo(additions, index) >= limit;
    });
}

/** Returns the sum of the additions up to an index that belong to the series of that addition. */
function sumUpTo(additions: readonly Addition[], last: number): number {
  const { series } = additions[last]!;
  let sum = 0;
  for (let index = 0; index <= last; index += 1) {
    const addition = additions[index]!;
    if (addition.series === series) sum += 'amount' in addition ? Number(addition.amount) : addition.values.length;
  }
  return sum;
}

interface FastThreshold extends Pick<ValueCorrelation, 'series'> {
  readonly threshold: number;
}

function fastThresholds({ correlation, threshold, extension }: Rule): FastThreshold[] {
  if (correlation.type === 'temporal' || correlation.type === 'temporal_ordered') {
    return correlation.parts.flatMap((part) =>
      // One flow meets a detection, which is a part with the threshold 1: such a part alone says little.
      'correlation' in part && isFast(part.correlation) && !isOver(1, part)
        ? [{ series: part.correlation.series, threshold: part.threshold }]
        : [],
    );
  }
  if (!('series' in correlation) || !isFast(correlation)) return [];
  const hasSlotCondition = extension.activeSlots !== undefined || extension.silent !== undefined;
  return hasSlotCondition ? [] : [{ series: correlation.series, threshold }];
}

function isFast({ type }: ValueCorrelation): boolean {
  return type !== 'active_slots';
}
