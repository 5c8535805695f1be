import type { Timeline } from '../../statistics/flow-timeline.ts';
import { longerInterval, shortestInterval } from '../../statistics/interval-lengths.ts';

/** A range of time in epoch seconds, without `to` itself. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Consecutive intervals of the same length. */
export interface Bins {
  readonly seconds: number;
  readonly starts: readonly number[];
  /** Returns the index of the interval of a time; undefined outside all intervals. */
  indexOf(at: number): number | undefined;
}

/** Divides a range into at most `maxBins` intervals of at least `minSeconds`. */
export function binsOf({ from, to }: Range, maxBins: number, minSeconds: number = shortestInterval): Bins {
  let seconds = minSeconds;
  const first = () => Math.floor(from / seconds);
  const count = () => Math.max(1, Math.ceil(to / seconds) - first());
  while (count() > maxBins) seconds = longerInterval(seconds);
  const [begin, length] = [first(), count()];
  return {
    seconds,
    starts: Array.from({ length }, (_, index) => (begin + index) * seconds),
    indexOf(at) {
      const index = Math.floor(at / seconds) - begin;
      return index >= 0 && index < length ? index : undefined;
    },
  };
}

/** Maximum share of the flows before, and of those after, the relevant range. */
const outlierShare = 0.005;

/**
 * Returns the range of the flows and alerts without outliers, such as flows of a host with a wrong clock. Undefined without
 * flows and alerts.
 */
export function relevantRange({ seconds, intervals }: Timeline, alertTimes: readonly number[]): Range | undefined {
  const all = intervals.reduce((sum, { flows }) => sum + flows, 0);
  const intervalAt = (share: number) => {
    let sum = 0;
    return intervals.find(({ flows }) => {
      sum += flows;
      return sum > share * all;
    });
  };
  const first = intervalAt(outlierShare)?.at ?? Math.min(...alertTimes);
  const last = intervalAt(1 - outlierShare)?.at ?? intervals.at(-1)?.at ?? Math.max(...alertTimes);
  if (!Number.isFinite(first) || !Number.isFinite(last)) return undefined;
  const margin = Math.max(last - first, 86_400);
  const times = [...intervals.flatMap((one) => [one.at, one.at + seconds - 1]), ...alertTimes];
  const relevant = times.filter((time) => time >= first - margin && time <= last + margin);
  return { from: relevant.reduce((a, b) => Math.min(a, b)), to: relevant.reduce((a, b) => Math.max(a, b)) + 1 };
}
