import type { Quantity } from './quantity.ts';

/** `1,234,567`. */
export function formatInteger(value: Quantity): string {
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
export function approximateDuration(seconds: number): string {
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
