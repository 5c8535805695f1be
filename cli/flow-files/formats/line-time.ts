import { epochSeconds } from '../../../lambda/common/calendar.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { secondsOfUtc } from '../../terminal/utc-time.ts';

/**
 * Seconds from a flow's end to its record's arrival, if the arrival is unknown: a file of lines does not have it, and no
 * rule must see a flow before it ended. AWS takes some minutes.
 */
export const deliverySeconds = 60;

/** Returns the arrival of the record of a flow, in epoch milliseconds. @param seconds the flow's end, in epoch seconds */
export function arrivalOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : (seconds + deliverySeconds) * 1000;
}

/** Returns the epoch seconds of an `@timestamp` of CloudWatch Logs Insights, such as `2026-11-24 09:00:00.000` in UTC. */
export function insightsSeconds(text: unknown): number | undefined {
  return typeof text === 'string' ? secondsOfUtc(text.replace(/\.\d{1,9}$/, '')) : undefined;
}

/** Returns the end of a line's flow, or else its start, in epoch seconds; undefined if the line has neither. */
export type LineTime = (line: Buffer) => number | undefined;

/**
 * Returns a function that finds the time in lines of the formats, without splitting them into fields. A line must have
 * the number of fields of a format.
 */
export function lineTime(formats: readonly Format[]): LineTime {
  const layouts = formats.map(({ names, indexOf }) => ({
    length: names.length,
    end: indexOf.get('end') ?? -1,
    start: indexOf.get('start') ?? -1,
  }));
  const begins = new Int32Array(Math.max(...layouts.map(({ length }) => length)));
  return (line) => {
    const count = fieldBegins(line, begins);
    for (const { length, end, start } of layouts) {
      if (length !== count) continue;
      const seconds = secondsAt(line, begins, end) ?? secondsAt(line, begins, start);
      if (seconds !== undefined) return seconds;
    }
    return undefined;
  };
}

/** Writes the offsets of the fields, and returns their number: at most one more than `begins` has elements. */
function fieldBegins(line: Buffer, begins: Int32Array): number {
  let count = 0;
  let isInField = false;
  for (let at = 0; at < line.length; at += 1) {
    const isBlank = line[at]! <= 0x20;
    if (!isBlank && !isInField) {
      if (count === begins.length) return count + 1;
      begins[count] = at;
      count += 1;
    }
    isInField = !isBlank;
  }
  return count;
}

/** Reads the epoch seconds at a field, with the rules of `secondsOf` in lambda/flow-log/flow.ts. */
function secondsAt(line: Buffer, begins: Int32Array, index: number): number | undefined {
  if (index < 0) return undefined;
  const from = begins[index]!;
  let value = 0;
  let at = from;
  for (; at < line.length && line[at]! > 0x20; at += 1) {
    const digit = line[at]! - 0x30;
    if (digit < 0 || digit > 9 || at - from === 13) return undefined;
    value = value * 10 + digit;
  }
  return epochSeconds(value);
}
