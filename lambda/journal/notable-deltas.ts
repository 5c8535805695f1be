import type { KeyDelta } from '../counters/delta.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { Rule, ValueCorrelation } from '../rules/model.ts';

/** A delta of a twentieth of a threshold is notable: a reader of an alert looks up its interfaces and instances first. */
const notableShare = 20;

/**
 * Returns a test for deltas that have a twentieth or more of a fast rule's threshold in one series. A fast rule counts
 * flows, sums or distinct values, also as a part of a temporal rule, without a condition on single slots.
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
  return ({ additions }) => {
    const sums = new Map<string, number>();
    return additions.some((addition) => {
      const limit = notable.get(addition.series);
      if (limit === undefined) return false;
      const added = 'amount' in addition ? Number(addition.amount) : addition.values.length;
      const sum = (sums.get(addition.series) ?? 0) + added;
      sums.set(addition.series, sum);
      return sum >= limit;
    });
  };
}

interface FastThreshold extends Pick<ValueCorrelation, 'series'> {
  readonly threshold: number;
}

function fastThresholds({ correlation, threshold, extension }: Rule): FastThreshold[] {
  if (correlation.type === 'temporal' || correlation.type === 'temporal_ordered') {
    return correlation.parts.flatMap((part) =>
      'correlation' in part && isFast(part.correlation)
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
