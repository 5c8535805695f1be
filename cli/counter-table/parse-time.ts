import { endOfDay } from '../../lambda/common/calendar.ts';
import { maxSilenceSeconds } from '../../lambda/counters/silence.ts';
import { parseTimespan } from '../../sigma/parse/timespan.ts';
import { InputError } from '../terminal/input-error.ts';
import { secondsOfUtc } from '../terminal/utc-time.ts';

/**
 * Parses the end of a silence to epoch seconds: the end of a day in UTC, such as `2026-12-31`, or a duration from now,
 * such as `90m`, `6h`, `7d`.
 *
 * @throws InputError if the text is invalid, in the past at `now`, or too far ahead
 */
export function parseSilenceEnd(text: string, now: number): number {
  const timespan = parseTimespan(text);
  const end = timespan === undefined ? endOfDay(text) : now + timespan;
  if (end === undefined) {
    throw new InputError(
      `--until is invalid: got ${JSON.stringify(text)}, expected a day such as 2026-12-31, or a duration such as 90m, 6h, 7d`,
    );
  }
  if (end <= now) throw new InputError(`--until is invalid: got ${text}, which is in the past, expected a later day`);
  if (end > now + maxSilenceSeconds) {
    throw new InputError(
      `--until is invalid: got ${text}, expected at most ${maxSilenceSeconds / 86_400} days; use npx flow-sentinel rules silence for longer`,
    );
  }
  return end;
}

/**
 * Parses a time in UTC to epoch seconds, such as `2026-11-24T09:00:00Z`, or `2026-11-24 09:00:00` as in the tables.
 *
 * @throws InputError if the text is invalid
 */
export function parseTime(text: string): number {
  const seconds = secondsOfUtc(text);
  if (seconds === undefined) {
    throw new InputError(
      `--at is invalid: got ${JSON.stringify(text)}, expected a time in UTC such as 2026-11-24T09:00:00Z`,
    );
  }
  return seconds;
}
