import { thresholdText } from '../../lambda/alert/condition-text.ts';
import type { Quantity } from '../../lambda/common/quantity.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { valueText } from '../../lambda/rules/value-text.ts';

/**
 * Returns the measured value of a rule as in its alerts: `150 MB`, `at least 80 destinations`. A percentile is known
 * only relative to the threshold.
 */
export function measuredText(rule: Rule, value: Quantity, isLowerBound: boolean, isOver: boolean): string {
  const { correlation } = rule;
  if (correlation.type === 'value_percentile') return isOver ? thresholdText(rule) : 'less';
  return `${isLowerBound && correlation.type === 'value_count' ? 'at least ' : ''}${valueText(value, correlation)}`;
}
