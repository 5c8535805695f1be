import { daySeconds } from '../../lambda/common/calendar.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import { utcDay } from '../statistics/utc-day.ts';

/**
 * A last day that the flows reach only for this long belongs to the day before, in seconds: those flows began before
 * midnight, since an aggregation interval has ten minutes at most (VPC User Guide, "Flow log records").
 */
const maxTail = 600;

/** The UTC days of a backtest: those on which flows ended. */
export interface BacktestDays {
  /** Every day from the first to the last, such as `2026-11-24`. */
  readonly days: readonly string[];
  /** The day after the last one, if the flows reach its first ten minutes only; its alerts belong to the last day. */
  readonly tail: string | undefined;
}

/** Returns the days of a range of flows; a single day without flows. */
export function backtestDays(range: FlowRange | undefined): BacktestDays {
  const { from, to } = range ?? { from: 0, to: 0 };
  const first = Math.floor(from / daySeconds);
  const end = Math.floor(to / daySeconds);
  const hasTail = end > first && to - end * daySeconds < maxTail;
  const count = end - first + (hasTail ? 0 : 1);
  return {
    days: Array.from({ length: count }, (_, index) => utcDay((first + index) * daySeconds)),
    tail: hasTail ? utcDay(to) : undefined,
  };
}
