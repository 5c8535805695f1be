import { dateOf, daySeconds } from './calendar.ts';
import type { Quantity } from './quantity.ts';

/** Formats a whole number with thousands separators: `1,234,567`. Rounds a mean or a multiple to three decimals. */
export function formatInteger(value: Quantity): string {
  const text = String(value);
  // A whole number does not need Intl, whose first use takes 12 ms.
  return /^-?\d+$/.test(text) ? text.replace(/\d(?=(?:\d{3})+$)/g, '$&,') : value.toLocaleString('en-US');
}

/** Formats a number of bytes in powers of 1,000 with at most three digits: `150 MB`. */
export function byteSize(bytes: Quantity): string {
  if (bytes === 1) return '1 byte';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Formats a duration exactly, in its largest whole unit: `1 h`, `90 s`, `2 d`. */
export function duration(seconds: number): string {
  if (seconds % daySeconds === 0) return `${seconds / daySeconds} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** Formats a duration rounded to a readable unit: `50 s`, `12 min`, `3 h`, `2 d`. */
export function approximateDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * daySeconds ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / daySeconds)} d`;
}

/** Formats epoch seconds in UTC: `2026-11-24 09:05:00`. */
export function utc(seconds: number): string {
  return dateOf(seconds).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}
