/** The labelled day, in epoch seconds: 2026-11-24 from 00:00 to 24:00 UTC. */
export const dayStart = 1_795_478_400;
export const dayEnd = dayStart + 86_400;

/** The number of days before the labelled day with a sketch: one small connection of each acquainted pair. */
export const sketchedDays = 8;

/** Returns a time of the labelled day in epoch seconds; negative hours are on the day before. */
export function at(hour: number, minute = 0, second = 0): number {
  return dayStart + hour * 3600 + minute * 60 + second;
}
