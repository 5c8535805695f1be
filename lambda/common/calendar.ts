const daySeconds = 86_400;

/** The parts of a time that Sigma's modifiers know, each with the least and the most that it can be. */
export const timeParts = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [1970, 9999],
} as const;

export type TimePart = keyof typeof timeParts;

/** A part of a time in UTC; the week is that of ISO 8601, which is 53 at the end of some years. */
export function partOfTime(part: TimePart, epochSeconds: number): number {
  if (part === 'minute') return Math.floor(epochSeconds / 60) % 60;
  if (part === 'hour') return Math.floor(epochSeconds / 3600) % 24;
  const days = Math.floor(epochSeconds / daySeconds);
  return part === 'week' ? isoWeek(days) : dateOf(days)[part];
}

/**
 * The first second after a day in UTC, in epoch seconds; undefined where the text is no day since 1970.
 *
 * @param day such as `2027-01-31`
 */
export function endOfDay(day: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  if (year < 1970) return undefined;
  const days = dayNumber(year, month, date);
  const read = dateOf(days);
  return read.year === year && read.month === month && read.day === date ? (days + 1) * daySeconds : undefined;
}

/** Days since 1970-01-01 in the Gregorian calendar; years begin in March here, so that a leap day ends one. */
function dayNumber(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const daysBeforeMonth = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  return 365 * years + leapDays + daysBeforeMonth + day - 1 - 719_468;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(days / 365.2425);
  if (dayNumber(year, 1, 1) > days) year -= 1;
  else if (dayNumber(year + 1, 1, 1) <= days) year += 1;
  let month = 12;
  while (month > 1 && dayNumber(year, month, 1) > days) month -= 1;
  return { year, month, day: days - dayNumber(year, month, 1) + 1 };
}

/** A week belongs to the year of its Thursday; 1970-01-01 was one. */
function isoWeek(days: number): number {
  const thursday = days - ((days + 3) % 7) + 3;
  return Math.floor((thursday - dayNumber(dateOf(thursday).year, 1, 1)) / 7) + 1;
}

/**
 * A time of a flow log in epoch seconds. Milliseconds, seen in old records, are recognised by their 12 or more digits (as
 * seconds: after the year 5138).
 */
export function epochSeconds(time: number): number {
  return time < 1e11 ? time : Math.floor(time / 1000);
}
