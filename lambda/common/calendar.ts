export const daySeconds = 86_400;

/** The parts of a time that Sigma's modifiers name, each with its smallest and its largest value. */
export const timeParts = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [1970, 9999],
} as const;

export type TimePart = keyof typeof timeParts;

/** Returns a part of a time in UTC; a week is the ISO 8601 week, which is 53 at the end of some years. */
export function partOfTime(part: TimePart, epochSeconds: number): number {
  switch (part) {
    case 'minute':
      return Math.floor(epochSeconds / 60) % 60;
    case 'hour':
      return Math.floor(epochSeconds / 3600) % 24;
    case 'day':
      return dateOf(epochSeconds).getUTCDate();
    case 'week':
      return isoWeek(epochSeconds);
    case 'month':
      return dateOf(epochSeconds).getUTCMonth() + 1;
    case 'year':
      return dateOf(epochSeconds).getUTCFullYear();
  }
}

/**
 * Returns the first second after a day in UTC, in epoch seconds; undefined if the text is not a day since 1970.
 *
 * @param day such as `2027-01-31`
 */
export function endOfDay(day: string): number | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || year < 1970) return undefined;
  const seconds = dateOf(0).setUTCFullYear(year, month! - 1, date) / 1000;
  // A day that its month does not have becomes one of the next month.
  const isDay = partOfTime('month', seconds) === month && partOfTime('day', seconds) === date;
  return isDay ? seconds + daySeconds : undefined;
}

const isoTime =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/;

/** Returns a time of ISO 8601 in epoch seconds, without its fraction; undefined for any other value. */
export function secondsOfIsoTime(value: unknown): number | undefined {
  const [, day, hours, minutes, seconds, sign, zoneHours = 0, zoneMinutes = 0] =
    (typeof value === 'string' && isoTime.exec(value)) || [];
  const end = day === undefined ? undefined : endOfDay(day);
  if (end === undefined) return undefined;
  const zone = 3600 * Number(zoneHours) + 60 * Number(zoneMinutes);
  const ofDay = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
  return end - daySeconds + ofDay - (sign === '-' ? -zone : zone);
}

/** Returns the ISO week of a time. A week belongs to the year of its Thursday; 1970-01-01 was a Thursday. */
function isoWeek(epochSeconds: number): number {
  const day = Math.floor(epochSeconds / daySeconds);
  const thursday = day - ((day + 3) % 7) + 3;
  const newYear = dateOf(thursday * daySeconds).setUTCMonth(0, 1) / 1000 / daySeconds;
  return Math.floor((thursday - newYear) / 7) + 1;
}

/** Returns the date of a time. */
export function dateOf(epochSeconds: number) {
  // biome-ignore lint/style/noRestrictedGlobals: the rule keeps the clock out, and a Date of a given time reads no clock
  return new Date(epochSeconds * 1000);
}

/**
 * Converts a flow log's time to epoch seconds. Old records have milliseconds. A number of 12 or more digits is
 * milliseconds, since as seconds it would be after the year 5138.
 */
export function epochSeconds(time: number): number {
  return time < 1e11 ? time : Math.floor(time / 1000);
}
