import { byteSize, formatInteger } from '../common/format-units.ts';
import type { Quantity } from '../common/quantity.ts';
import { enumerated } from '../common/text.ts';
import type { EventSource } from './event-source.ts';
import type { Correlation, Rule, ValueCorrelation } from './model.ts';

const nouns: Record<string, string> = {
  dstaddr: 'destinations',
  srcaddr: 'sources',
  dstport: 'ports',
  srcport: 'source ports',
};

/** Formats the value of a correlation: `150 MB`, `12 flow records`, `14 destinations`, `2 of 3 steps`. */
export function valueText(value: Quantity, correlation: Correlation): string {
  switch (correlation.type) {
    case 'event_count':
      return `${formatInteger(value)} ${recordNoun(correlation.source)}${value === 1 ? '' : 's'}`;
    case 'value_count':
      return `${formatInteger(value)} ${distinctNoun(correlation)}`;
    case 'active_slots':
      return `${formatInteger(value)} active slot${value === 1 ? '' : 's'}`;
    case 'value_avg':
      return `${sumText(value, correlation.field)} a flow record on average`;
    case 'value_percentile':
      return `${sumText(value, correlation.field)} at the ${ordinal(correlation.percentile)} percentile`;
    case 'temporal':
    case 'temporal_ordered':
      return `${value === correlation.parts.length ? 'all' : `${formatInteger(value)} of`} ${correlation.parts.length} steps`;
    default:
      return sumText(value, correlation.field ?? '');
  }
}

/** Returns the noun of what a rule counts. @param source default: flow logs */
export function recordNoun(source: EventSource | undefined): string {
  return source ? eventNouns[source] : 'flow record';
}

const eventNouns: Readonly<Record<EventSource, string>> = { cloudtrail: 'API call', guardduty: 'finding' };

/** Returns the noun of distinct values: `destinations`, `values of vpc-id`, `combinations of dstaddr and dstport`. */
export function distinctNoun({ field = '', also }: Pick<ValueCorrelation, 'field' | 'also'>): string {
  if (also) return `combinations of ${enumerated([field, ...also])}`;
  return nouns[field] ?? `values of ${field}`;
}

/** Formats an ordinal number: `95th`, `99.9th`, `1st`. */
export function ordinal(value: number): string {
  const ending = value % 100 > 10 && value % 100 < 14 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[value % 10] ?? 'th');
  return `${value}${ending}`;
}

/** Formats a sum of a field's values: `10 MB` for bytes, `1,234 packets`. */
export function sumText(value: Quantity, field: string): string {
  return field === 'bytes' ? byteSize(value) : `${formatInteger(value)} ${field}`;
}

/** Formats the comparison of a value with a threshold. */
export function comparisonText(comparison: Rule['comparison']): string {
  return comparison === 'gt' ? 'more than' : 'at least';
}
