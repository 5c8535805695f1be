import { endOfDay } from '../../lambda/common/calendar.ts';
import { maxSilenceSeconds } from '../../lambda/counters/silence.ts';
import { parseTimespan } from '../../sigma/parse/timespan.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Until when a silence is, in epoch seconds: to the end of a day in UTC such as `2026-12-31`, or for so long, such as
 * `90m`, `6h`, `7d`.
 *
 * @throws InputError when it is none, is over at `now`, or too long
 */
export function parseSilenceEnd(text: string, now: number): number {
  const timespan = parseTimespan(text);
  const end = timespan === undefined ? endOfDay(text) : now + timespan;
  if (end === undefined) {
    throw new InputError(`--until takes a day such as 2026-12-31, or 90m, 6h, 7d, got ${JSON.stringify(text)}`);
  }
  if (end <= now) throw new InputError(`--until ${text} is over`);
  if (end > now + maxSilenceSeconds) {
    throw new InputError(
      `--until ${text} is more than ${maxSilenceSeconds / 86_400} days ahead; for longer there is flow-sentinel rules silence`,
    );
  }
  return end;
}

/**
 * A moment in epoch seconds, such as `2026-11-24T09:00:00Z`, or `2026-11-24 09:00:00` as the tables show it, in UTC.
 *
 * @throws InputError when it is none
 */
export function parseTime(text: string): number {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)Z?$/.exec(text) ?? [];
  const milliseconds = day === undefined || endOfDay(day) === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(milliseconds)) {
    throw new InputError(`--at takes a time in UTC such as 2026-11-24T09:00:00Z, got ${JSON.stringify(text)}`);
  }
  return milliseconds / 1000;
}
