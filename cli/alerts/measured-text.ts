import { thresholdText } from '../../lambda/alert/condition-text.ts';
import type { Quantity } from '../../lambda/common/quantity.ts';
import type { Rule } from '../../lambda/rules/model.ts';
import { valueText } from '../../lambda/rules/value-text.ts';

/**
 * What a rule measured, as its alerts say it: `150 MB`, `at least 80 destinations`. Of a percentile is known only whether
 * it is over the threshold.
 */
export function measuredText(rule: Rule, value: Quantity, isBound: boolean, isOver: boolean): string {
  const { correlation } = rule;
  if (correlation.type === 'value_percentile') return isOver ? thresholdText(rule) : 'less';
  return `${isBound && correlation.type === 'value_count' ? 'at least ' : ''}${valueText(value, correlation)}`;
}
