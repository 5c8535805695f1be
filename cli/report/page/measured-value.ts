import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import type { Correlation } from '../../../lambda/rules/model.ts';
import { valueText } from '../../../lambda/rules/value-text.ts';

/** A value and its threshold as text, and their ratio. */
export interface MeasuredValue {
  readonly value: string;
  readonly threshold: string;
  readonly times: number;
}

/**
 * Returns the value and threshold of an alert; undefined if they are not comparable, as for temporal rules. A threshold of
 * at most 1 says nothing about an amount: any flow is enough, or the rule has other conditions.
 */
export function measuredValue({ measure, value, threshold, ended }: AlertBody): MeasuredValue | undefined {
  const correlation = correlationOf(measure);
  if (ended || !correlation || threshold <= 1) return undefined;
  const format = (quantity: Quantity) => valueText(quantity, correlation);
  return { value: format(value), threshold: format(threshold), times: Number(value) / threshold };
}

function correlationOf({ type, field }: AlertBody['measure']): Correlation | undefined {
  switch (type) {
    case 'event_count':
    case 'value_sum':
    case 'value_count':
    case 'active_slots':
      return { type, series: [], ...(field !== undefined && { field }) };
    case 'value_avg':
      return { type, field: field ?? '', sums: [], counts: [] };
    default:
      return undefined;
  }
}
