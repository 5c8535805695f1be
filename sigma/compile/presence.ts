import { slotSecondsOf, windowSlots } from '../../lambda/counters/window.ts';
import { isOfPairs } from '../../lambda/rules/correlation.ts';
import type { Measure, Rule } from '../../lambda/rules/model.ts';
import type { CorrelationDocument, DetectionDocument } from '../parse/schema.ts';
import { isValueCorrelation } from './value-correlation.ts';

/**
 * Returns what the flows of an `event_count` are measured by: their presence if the slots in which they occur decide the
 * rule alone, else their number. That is so if `active_slots` implies the threshold, and nothing else reads an amount.
 * A slot is then written once for all its flows, and not once a batch: see lambda/count/known-slots.ts.
 *
 * The flows of a pair are counted in any case: its item is written for the totals.
 */
export function measureOf(document: DetectionDocument | CorrelationDocument, groupBy: readonly string[]): Measure {
  if (!('correlation' in document) || isOfPairs(groupBy)) return { kind: 'count' };
  const { correlation, flow_sentinel: block, alert } = document;
  const { gt, gte = gt === undefined ? undefined : gt + 1 } = correlation.condition ?? {};
  const activeSlots = block?.active_slots?.gte ?? 0;
  const readsAmounts = block?.slot !== undefined || (alert?.escalate ?? []).length > 0;
  const isImplied = correlation.type === 'event_count' && gte !== undefined && gte <= activeSlots;
  return { kind: isImplied && !readsAmounts ? 'presence' : 'count' };
}

/** Returns a rule of presence with its number of active slots as the threshold, which implies its former threshold. */
export function withActiveSlots(rule: Rule): Rule {
  const { activeSlots: threshold, ...extension } = rule.extension;
  if (!isValueCorrelation(rule.correlation) || threshold === undefined) return rule;
  return {
    ...rule,
    correlation: { type: 'active_slots', series: rule.correlation.series },
    comparison: 'gte',
    threshold,
    extension,
  };
}

/**
 * Returns the number of slots of a window that can have flows. A rule with `silent` needs the last ones without flows: see
 * isSilent in lambda/evaluate/slot-conditions.ts.
 */
export function maxActiveSlots(timespanSeconds: number, silentSeconds?: number): number {
  const slotSeconds = slotSecondsOf(timespanSeconds);
  const all = windowSlots(timespanSeconds, slotSeconds);
  return silentSeconds === undefined ? all : all - 1 - Math.ceil(silentSeconds / slotSeconds);
}
