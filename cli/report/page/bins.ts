import type { Timeline } from '../../statistics/flow-timeline.ts';
import { longerInterval, shortestInterval } from '../../statistics/interval-lengths.ts';

/** A stretch of time, in epoch seconds; `to` is not in it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Intervals of the same length, one after the other. */
export interface Bins {
  readonly seconds: number;
  readonly starts: readonly number[];
  /** The place of the interval that a time lies in; undefined where it lies in none. */
  indexOf(at: number): number | undefined;
}

/** Intervals over a range, at most so many. */
export function binsOf({ from, to }: Range, most: number, least: number = shortestInterval): Bins {
  let seconds = least;
  const first = () => Math.floor(from / seconds);
  const count = () => Math.max(1, Math.ceil(to / seconds) - first());
  while (count() > most) seconds = longerInterval(seconds);
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

/** Part of all flows that may lie before, and after, what is taken for the time that a report is about. */
const outlierShare = 0.005;

/**
 * The time that a report is about: that of its flows and alerts, without the few whose time is far off all others, as
 * of a host whose clock is wrong. Undefined where there are neither.
 */
export function relevantRange({ seconds, intervals }: Timeline, alertTimes: readonly number[]): Range | undefined {
  const all = intervals.reduce((sum, { flows }) => sum + flows, 0);
  const at = (part: number) => {
    let sum = 0;
    return intervals.find(({ flows }) => {
      sum += flows;
      return sum > part * all;
    });
  };
  const first = at(outlierShare)?.at ?? Math.min(...alertTimes);
  const last = at(1 - outlierShare)?.at ?? intervals.at(-1)?.at ?? Math.max(...alertTimes);
  if (!Number.isFinite(first) || !Number.isFinite(last)) return undefined;
  const margin = Math.max(last - first, 86_400);
  const times = [...intervals.flatMap((one) => [one.at, one.at + seconds - 1]), ...alertTimes];
  const near = times.filter((time) => time >= first - margin && time <= last + margin);
  return { from: near.reduce((a, b) => Math.min(a, b)), to: near.reduce((a, b) => Math.max(a, b)) + 1 };
}
