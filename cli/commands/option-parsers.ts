import { InvalidArgumentError } from 'commander';
import { parseTimespan } from '../../sigma/parse/timespan.ts';
import { isRegionName } from '../aws/region-name.ts';
import { parseMagnitude } from '../terminal/magnitude.ts';

/** Returns the current day in UTC, such as `2026-12-31`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/**
 * Parses a number of minutes, above 0.
 *
 * @throws InvalidArgumentError for any other text, as all parsers here do
 */
export function positiveMinutes(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 10_000)) throw new InvalidArgumentError('expected a number of minutes above 0.');
  return number;
}

/** Parses the minutes from one flush of a journal to the next. */
export function flushMinutes(text: string): number {
  const minutes = Number(text);
  if (/^\d{1,2}$/.test(text) && minutes >= 1 && minutes <= 15) return minutes;
  throw new InvalidArgumentError('expected a whole number of minutes from 1 to 15.');
}

/** Parses an integer of up to nine digits. */
export function nonNegativeInteger(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number of up to nine digits.');
  return Number(text);
}

/** Parses a seed: an integer of 32 bits, such as those that a failed run prints. */
export function seedNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff)
    throw new InvalidArgumentError('expected a whole number of up to 4294967295.');
  return Number(text);
}

/** Parses a number above 0, such as `250k`, `100M` or `10G`. */
export function magnitude(text: string): number {
  const read = parseMagnitude(text);
  if (read === undefined) throw new InvalidArgumentError('expected a number above 0, such as 250k, 100M or 10G.');
  return read;
}

/** Parses one of several numbers, such as `100M`, and appends it to the previous ones. */
export function magnitudes(text: string, previous: readonly number[] = []): readonly number[] {
  return [...previous, magnitude(text)];
}

/** Parses a number of seconds, above 0. */
export function positiveSeconds(text: string): number {
  const number = nonNegativeInteger(text);
  if (number === 0) throw new InvalidArgumentError('expected a number of seconds above 0.');
  return number;
}

/** Parses an integer above 0, of up to nine digits. */
export function positiveInteger(text: string): number {
  if (!/^0*[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('expected a whole number above 0, of up to nine digits.');
  return Number(text);
}

/** Parses an interval such as `90s`, `5m`, `1h` or `1d`, and returns its seconds. */
export function timespanSeconds(text: string): number {
  const read = parseTimespan(text);
  if (read === undefined) throw new InvalidArgumentError('expected a number and s, m, h or d, such as 5m.');
  return read;
}

/** Appends the value of a repeatable option to the previous ones. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Parses the name of a region, and appends it to the previous ones. */
export function regionNames(text: string, previous: readonly string[] = []): readonly string[] {
  if (!isRegionName(text)) throw new InvalidArgumentError('expected the name of a region, such as eu-central-1.');
  return [...previous, text];
}
