import { daySeconds } from '../common/calendar.ts';
import type { Batch } from '../counters/batch.ts';
import { secondsOf } from '../flow-log/flow.ts';
import type { ArrivedFlow } from './aggregate.ts';

/**
 * Returns the latest plausible end of a flow of the batch, in epoch seconds. Flows end before their records arrive, so it
 * is a day after the arrival, to allow for wrong clocks. If half of the flows end after the arrival, the arrival is wrong,
 * as in hand-made events; then it is a month after the median end.
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
