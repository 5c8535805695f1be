import { duration, formatInteger } from '../common/format-units.ts';
import { enumerated, printable } from '../common/text.ts';
import { slotSecondsOf, slotsPerTimespan } from '../counters/window.ts';
import type { Rule } from '../rules/model.ts';
import { comparisonText, ordinal, sumText, valueText } from '../rules/value-text.ts';

/** Returns the condition of a rule as a part of a sentence: `more than 100 MB in 1 h for one srcaddr and dstaddr`. */
export function conditionText(rule: Rule): string {
  const { groupBy, timespanSeconds } = rule;
  const conditions = [
    `${thresholdText(rule)} in ${duration(timespanSeconds)} for one ${enumerated(groupBy)}`,
    ...extensionTexts(rule),
  ];
  return printable(conditions.join(', '));
}

/**
 * Returns the threshold of a rule: `more than 100 MB`, `95th percentile of bytes over 1 MB`,
 * `all 2 steps in order (knock, then entry)`.
 */
export function thresholdText({ correlation, comparison, threshold }: Rule): string {
  switch (correlation.type) {
    case 'value_percentile': {
      const limit = sumText(threshold, correlation.field);
      return `${ordinal(correlation.percentile)} percentile of ${correlation.field} ${comparison === 'gt' ? 'over' : 'at least'} ${limit}`;
    }
    case 'temporal':
    case 'temporal_ordered': {
      const isOrdered = correlation.type === 'temporal_ordered';
      const names = correlation.parts.map(({ name }) => name).join(isOrdered ? ', then ' : ', ');
      const order = isOrdered ? 'in order' : 'in any order';
      const minSteps = comparison === 'gt' ? Math.floor(threshold) + 1 : Math.ceil(threshold);
      const { length } = correlation.parts;
      return `${minSteps >= length ? `all ${length}` : `at least ${minSteps} of ${length}`} steps ${order} (${names})`;
    }
    default:
      return `${comparisonText(comparison)} ${valueText(threshold, correlation)}`;
  }
}

/** Returns the conditions of the rule's `flow_sentinel` block. */
function extensionTexts({ extension, correlation, timespanSeconds }: Rule): string[] {
  const { activeSlots, maxSlotValue, maxSlotSpread, firstSeen, silent } = extension;
  const slot = duration(slotSecondsOf(timespanSeconds));
  return [
    correlation.type === 'active_slots' && `of its ${slotsPerTimespan + 1} slots of ${slot}`,
    activeSlots !== undefined && `in at least ${activeSlots} of its ${slotsPerTimespan + 1} slots of ${slot}`,
    maxSlotValue !== undefined && `at most ${valueText(maxSlotValue, correlation)} in each`,
    maxSlotSpread !== undefined && `the largest at most ${formatInteger(maxSlotSpread)} times the smallest`,
    firstSeen && `first seen less than ${duration(firstSeen.withinSeconds)} before the end of the window`,
    silent && `then none for ${duration(silent.forSeconds)} while other records continued`,
  ].filter((text) => typeof text === 'string');
}
