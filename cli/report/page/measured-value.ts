import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import type { Correlation } from '../../../lambda/rules/model.ts';
import { valueText } from '../../../lambda/rules/value-text.ts';

/** A value and its threshold in words, and how many times the threshold the value is. */
export interface MeasuredValue {
  readonly value: string;
  readonly threshold: string;
  readonly times: number;
}

/** What an alert measured; undefined where value and threshold are no amounts of one thing, as of steps. */
export function measuredValue({ measure, value, threshold, ended }: AlertBody): MeasuredValue | undefined {
  const correlation = correlationOf(measure);
  if (ended || !correlation) return undefined;
  const inWords = (quantity: Quantity) => valueText(quantity, correlation);
  return { value: inWords(value), threshold: inWords(threshold), times: Number(value) / threshold };
}

function correlationOf({ type, field }: AlertBody['measure']): Correlation | undefined {
  switch (type) {
    case 'event_count':
    case 'value_sum':
    case 'value_count':
      return { type, series: [], ...(field !== undefined && { field }) };
    case 'value_avg':
      return { type, field: field ?? '', sums: [], counts: [] };
    default:
      return undefined;
  }
}
