/**
 * A time of a flow log in epoch seconds. Milliseconds, seen in old records, are recognised by their 12 or more digits (as
 * seconds: after the year 5138).
 */
export function epochSeconds(time: number): number {
  return time < 1e11 ? time : Math.floor(time / 1000);
}
