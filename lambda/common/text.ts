import type { Correlation, Rule } from '../rules/model.ts';
import type { Quantity } from './quantity.ts';

/** Text on one line that holds nothing but what prints: what a log or a rule says must not shape what we say. */
export function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
    .trim();
}

/** Text that is no longer than so many characters. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** Text that is safe in a mail's subject: printable ASCII, shorter than 100 characters, a letter or digit first. */
export function subjectOf(text: string): string {
  const ascii = printable(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/^[^A-Za-z0-9]+/, '');
  const subject = ascii === '' ? 'Alert' : ascii;
  return cut(subject, 99);
}

/** `1,234,567`. */
export function digits(value: Quantity): string {
  return value.toLocaleString('en-US');
}

/** `150 MB`, in powers of 1,000, three digits at most. */
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

/** `1 h`, `90 s`, `2 d`. */
export function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** How long something took that nobody needs to know to the second: `50 s`, `12 min`, `3 h`, `2 d`. */
export function about(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `2026-11-24 09:05:00`, in UTC, of epoch seconds. */
export function utc(seconds: number): string {
  timeFormat ??= new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
  return timeFormat.format(seconds * 1000).replace(', ', ' ');
}

/** Made where it is needed: that takes 10 ms. */
let timeFormat: Intl.DateTimeFormat | undefined;

const nouns: Record<string, string> = {
  dstaddr: 'destinations',
  srcaddr: 'sources',
  dstport: 'ports',
  srcport: 'source ports',
};

/** `150 MB`, `12 flow records`, `14 destinations`, `2 of 3 steps`, `all 3 steps`: what a correlation's value means. */
export function amount(value: Quantity, correlation: Correlation): string {
  switch (correlation.type) {
    case 'event_count':
      return `${digits(value)} flow record${value === 1 ? '' : 's'}`;
    case 'value_count':
      return `${digits(value)} ${nouns[correlation.field ?? ''] ?? `values of ${correlation.field}`}`;
    case 'value_avg':
      return `${sumOf(value, correlation.field)} a flow record on average`;
    case 'value_percentile':
      return `${sumOf(value, correlation.field)} at the ${ordinal(correlation.percentile)} percentile`;
    case 'temporal':
    case 'temporal_ordered':
      return `${value === correlation.parts.length ? 'all' : `${digits(value)} of`} ${correlation.parts.length} steps`;
    default:
      return sumOf(value, correlation.field ?? '');
  }
}

/** `95th`, `99.9th`, `1st`. */
export function ordinal(value: number): string {
  const ending = value % 100 > 10 && value % 100 < 14 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[value % 10] ?? 'th');
  return `${value}${ending}`;
}

/** `10 MB` of bytes, `1,234 packets`. */
export function sumOf(value: Quantity, field: string): string {
  return field === 'bytes' ? byteSize(value) : `${digits(value)} ${field}`;
}

/** `10.0.1.5 -> 192.0.2.80` for a pair, `10.0.1.5` for a source, `dstport 22, ...` for another group. */
export function groupName(key: Readonly<Record<string, string>>): string {
  const { srcaddr: src, dstaddr: dst } = key;
  const size = Object.keys(key).length;
  if (src !== undefined && size === 1) return printable(src);
  if (src !== undefined && dst !== undefined && size === 2) return `${printable(src)} -> ${printable(dst)}`;
  return Object.entries(key)
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ');
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join();
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** `1 rule`, `2 rules`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** How a value must compare with a threshold. */
export function over(comparison: Rule['comparison']): string {
  return comparison === 'gt' ? 'more than' : 'at least';
}
