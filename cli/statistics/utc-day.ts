import { daySeconds } from '../../lambda/common/calendar.ts';

/** Last second of the year 9999. */
const maxSeconds = 253_402_300_799;

const names = new Map<number, string>();

/** Returns the UTC day of epoch seconds, such as `2026-11-24`; times after the year 9999 give its last day. */
export function utcDay(seconds: number): string {
  const day = Math.floor(Math.max(0, Math.min(seconds, maxSeconds)) / daySeconds);
  const known = names.get(day);
  if (known !== undefined) return known;
  const name = new Date(day * daySeconds * 1000).toISOString().slice(0, 10);
  names.set(day, name);
  return name;
}
