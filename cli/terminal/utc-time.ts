import { endOfDay } from '../../lambda/common/calendar.ts';
import { utc } from '../../lambda/common/format-units.ts';

/**
 * Converts a time in UTC to epoch seconds, such as `2026-11-24T09:00:00Z` or `2026-11-24 09:00`; undefined if the text is
 * invalid, or if the calendar has no such day.
 */
export function secondsOfUtc(text: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)Z?$/.exec(text) ?? [];
  if (day === undefined || endOfDay(day) === undefined) return undefined;
  const milliseconds = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Formats epoch seconds as a time that `secondsOfUtc` reads: `2026-11-24T09:00:00Z`. */
export function isoTime(seconds: number): string {
  return `${utc(seconds).replace(' ', 'T')}Z`;
}
