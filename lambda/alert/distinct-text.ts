import { formatInteger } from '../common/format-units.ts';
import { readableValue } from '../common/tag-text.ts';
import { printable, truncate } from '../common/text.ts';
import type { DistinctValues } from './distinct-values.ts';

/** The most characters of one value, and of one hash. */
const maxValueLength = 64;
const maxHashLength = 15;

/**
 * Formats distinct values on one line: `10.0.1.4, 10.0.1.5 and 12 more`.
 *
 * @param isLowerBound whether further values are not stored
 */
export function distinctText(
  { field, also = [], values, hashes = [], more }: DistinctValues,
  isLowerBound: boolean,
  maxValues: number,
): string {
  const fields = [field, ...also];
  const textOf = (value: string | readonly string[]) =>
    [value].flat().map((part, index) => readableValue(fields[index] ?? '', part));
  const all = [
    ...values.map((value) => truncate(printable(textOf(value).join(' ')), maxValueLength)),
    ...hashes.map((hash) => `a long value with SHA-256 ${truncate(hash, maxHashLength)}`),
  ];
  const shown = all.slice(0, maxValues);
  const others = all.length - shown.length + more;
  const atLeast = isLowerBound ? 'at least ' : '';
  const rest = others > 0 ? `${atLeast}${formatInteger(others)} more` : isLowerBound ? 'perhaps more' : '';
  if (shown.length === 0) return others > 0 ? `${atLeast}${formatInteger(others)}, no longer stored` : '';
  return `${shown.join(', ')}${rest === '' ? '' : ` and ${rest}`}`;
}
