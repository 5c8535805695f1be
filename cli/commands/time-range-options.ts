import { type Command, InvalidArgumentError } from 'commander';
import { daySeconds, endOfDay } from '../../lambda/common/calendar.ts';
import { secondsOfUtc } from '../terminal/utc-time.ts';

const expected = 'expected a day or time in UTC, such as 2026-11-24 or 2026-11-24T09:00:00Z.';

/**
 * Adds `--from` and `--to`, which limit the flows that a command reads (flow-files/time-range.ts), or other things.
 *
 * @param things what the range limits, and by which time
 */
export function withTimeRange(command: Command, things = 'flows that ended'): Command {
  const all = `(default: all ${things.split(' ')[0]})`;
  return command
    .option('--from <time>', `day or time in UTC: leaves out ${things} before ${all}`, rangeStart)
    .option(
      '--to <time>',
      `day or time in UTC: leaves out ${things} after the day, or at the time or after ${all}`,
      rangeEnd,
    );
}

/** Parses the start of a range to epoch seconds: a time, or the start of a day. @throws InvalidArgumentError */
export function rangeStart(text: string): number {
  const end = endOfDay(text);
  return end === undefined ? timeOf(text) : end - daySeconds;
}

/** Parses the end of a range to epoch seconds: a time, or the end of a day. @throws InvalidArgumentError */
export function rangeEnd(text: string): number {
  return endOfDay(text) ?? timeOf(text);
}

function timeOf(text: string): number {
  const seconds = secondsOfUtc(text);
  if (seconds === undefined) throw new InvalidArgumentError(expected);
  return seconds;
}
