import { epochSeconds } from '../../../lambda/common/calendar.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';

/**
 * The seconds between a flow's end and its record's arrival, where the latter is not known: a file of lines does not say
 * it, and no rule must see a flow before it ended. AWS takes some minutes.
 */
export const deliverySeconds = 60;

/** When a flow's record arrives that ended then, in epoch milliseconds. */
export function arrivalOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : (seconds + deliverySeconds) * 1000;
}

/** When the flow of a line ended, or else started, in epoch seconds; undefined where the line does not say. */
export type LineTime = (line: Buffer) => number | undefined;

/**
 * Finds the time in lines of the formats, without cutting them into fields. Only a line with as many fields as a format
 * has says it.
 */
export function lineTime(formats: readonly Format[]): LineTime {
  const places = formats.map(({ names, indexOf }) => ({
    length: names.length,
    end: indexOf.get('end') ?? -1,
    start: indexOf.get('start') ?? -1,
  }));
  const most = Math.max(...places.map(({ length }) => length));
  const begins = new Int32Array(most);
  return (line) => {
    const count = fieldBegins(line, begins);
    for (const { length, end, start } of places) {
      if (length !== count) continue;
      const seconds = secondsAt(line, begins, end) ?? secondsAt(line, begins, start);
      if (seconds !== undefined) return seconds;
    }
    return undefined;
  };
}

/** Notes where fields begin, and counts them; one more than there is room for at most. */
function fieldBegins(line: Buffer, begins: Int32Array): number {
  let count = 0;
  let isWithin = false;
  for (let at = 0; at < line.length; at += 1) {
    const isBlank = line[at]! <= 0x20;
    if (!isBlank && !isWithin) {
      if (count === begins.length) return count + 1;
      begins[count] = at;
      count += 1;
    }
    isWithin = !isBlank;
  }
  return count;
}

/** As secondsOf in lambda/flow-log/flow.ts. */
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
