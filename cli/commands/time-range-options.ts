import { type Command, InvalidArgumentError } from 'commander';
import { daySeconds, endOfDay } from '../../lambda/common/calendar.ts';
import { secondsOfUtc } from '../terminal/utc-time.ts';

const expected = 'expected a day or time in UTC, such as 2026-11-24 or 2026-11-24T09:00:00Z.';

/** Adds `--from` and `--to`, which limit the flows that a command reads (flow-files/time-range.ts). */
export function withTimeRange(command: Command): Command {
  return command
    .option('--from <time>', 'day or time in UTC: leaves out flows that ended before (default: all flows)', rangeStart)
    .option(
      '--to <time>',
      'day or time in UTC: leaves out flows that ended after the day, or at the time or after (default: all flows)',
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
