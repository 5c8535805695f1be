import { daySeconds } from '../common/calendar.ts';
import type { Batch } from '../counters/batch.ts';
import { secondsOf } from '../flow-log/flow.ts';
import type { ArrivedFlow } from './aggregate.ts';

/**
 * The latest time that a flow of the batch can have; one that ends later has a time that is none. Flows end before their
 * records arrive, so this is the time of arrival, and a day for clocks that are wrong. Where half of the flows end after
 * it, it is the time of arrival that is wrong, as in events made by hand; then it is a month after half of them ended.
 */
export function latestPlausibleTime({ arrival }: Batch, flows: readonly ArrivedFlow[]): number {
  const ends: number[] = [];
  for (const { flow } of flows) {
    const end = secondsOf(flow, 'end');
    if (end !== undefined) ends.push(end);
  }
  const after = ends.filter((end) => end > arrival).length;
  if (2 * after < ends.length) return arrival + daySeconds;
  ends.sort((a, b) => a - b);
  const median = ends[Math.floor((ends.length - 1) / 2)] ?? arrival;
  return median > arrival ? median + 31 * daySeconds : arrival + daySeconds;
}
