import { type AlertRecord, resolutionMultiple } from '../counters/alert-record.ts';
import type { Counter } from '../counters/counter.ts';
import { storedHash } from '../counters/distinct-value.ts';
import { distinctWithin, slotRangeOf, slotSecondsOf } from '../counters/window.ts';
import { addressGroups } from '../networks/ip-address.ts';
import type { Rule } from '../rules/model.ts';

/** The distinct values in an alert's window: addresses and numbers in their order, then other text. */
export interface DistinctValues {
  readonly field: string;
  /** Further fields: each value is then a list with the values of all fields. */
  readonly also?: readonly string[];
  readonly values: readonly (string | readonly string[])[];
  /** SHA-256 hashes of values over 100 bytes, which are stored instead of these. */
  readonly hashes?: readonly string[];
  /** The number of further values: above the limit, or removed from the counter since. */
  readonly more: number;
}

/** The most values in the JSON of an alert: a message may have 256 KiB (SNS, "Quotas"). */
export const maxDistinctValues = 100;

/**
 * Returns the distinct values that a counter holds of the window of an alert. Undefined for a rule that does not count
 * distinct values, and for a resolution notice.
 */
export function distinctValuesOf(
  { correlation, timespanSeconds }: Rule,
  record: Pick<AlertRecord, 'from' | 'to' | 'value' | 'multiple'>,
  { slots }: Pick<Counter, 'slots'>,
  maxValues: number = maxDistinctValues,
): DistinctValues | undefined {
  if (correlation.type !== 'value_count' || record.multiple === resolutionMultiple) return undefined;
  const { field, also, series } = correlation;
  const range = slotRangeOf(record, slotSecondsOf(timespanSeconds));
  const stored = distinctWithin(
    series.flatMap((id) => slots.get(id) ?? []),
    range,
  );
  const isHash = (value: string) => storedHash(value) !== undefined;
  const hashed = [...stored].filter(isHash).sort();
  const parts = [...stored].filter((value) => !isHash(value)).map((value) => (also ? partsOf(value) : [value]));
  const values = sorted(parts)
    .slice(0, maxValues)
    .map((value) => (also ? value : value[0]!));
  const hashes = hashed.slice(0, maxValues - values.length).map((value) => storedHash(value)!);
  return {
    field: field!,
    ...(also && { also }),
    values,
    ...(hashes.length > 0 && { hashes }),
    more: Math.max(stored.size, Number(record.value)) - values.length - hashes.length,
  };
}

/** Returns each distinct value as the values by the names of their fields. */
export function distinctFieldsOf({ field, also = [], values }: DistinctValues): Record<string, string>[] {
  const fields = [field, ...also];
  return values.map((value) => Object.fromEntries([value].flat().map((part, index) => [fields[index], part])));
}

/** Returns the values of several fields; the stored text if another program has written it. */
function partsOf(stored: string): readonly string[] {
  try {
    const parts = JSON.parse(stored) as unknown;
    return Array.isArray(parts) ? parts.map(String) : [stored];
  } catch {
    return [stored];
  }
}

function sorted(values: readonly (readonly string[])[]): (readonly string[])[] {
  const ranked = values.map((parts) => ({ parts, rank: parts.flatMap(rankOf), text: parts.join(' ') }));
  return ranked.sort((a, b) => compareRanks(a.rank, b.rank) || (a.text < b.text ? -1 : 1)).map(({ parts }) => parts);
}

/** Returns numbers to compare a value by: numbers come first, then IPv4, IPv6 and other text. */
function rankOf(value: string): readonly number[] {
  if (/^\d{1,15}$/.test(value)) return [0, Number(value)];
  const groups = addressGroups(value);
  return groups ? [groups.length, ...groups] : [9];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}
