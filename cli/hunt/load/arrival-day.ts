import { unknownArrival } from '../../flow-files/arrival-time.ts';
import { utcDay } from '../../statistics/utc-day.ts';

/** Returns the UTC day of an arrival, such as `2026-11-24`; undefined if it is unknown. @param arrival epoch milliseconds */
export function arrivalDay(arrival: number): string | undefined {
  return arrival === unknownArrival ? undefined : utcDay(Math.floor(arrival / 1000));
}
