/** The labelled day, in epoch seconds: 2026-11-24 from 00:00 to 24:00 UTC. */
export const dayStart = 1_795_478_400;
export const dayEnd = dayStart + 86_400;

/** So many days before the labelled one are there as a sketch: who talked to whom, and little else. */
export const sketchedDays = 8;

/** Epoch seconds of a time of the labelled day; hours below zero are the day before. */
export function at(hour: number, minute = 0, second = 0): number {
  return dayStart + hour * 3600 + minute * 60 + second;
}
