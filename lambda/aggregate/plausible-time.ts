import { daySeconds } from '../common/calendar.ts';
import { type Flow, secondsOf } from '../flow-log/flow.ts';

/** How long before, and after, the arrival of its record a flow may end, in seconds. */
export interface TimeBounds {
  readonly before: number;
  readonly after: number;
}

// CloudWatch Logs retries delivery to a subscription for up to 24 hours (CloudWatch Logs User Guide, "Subscriptions"). A
// data stream before Firehose retains records for another 24 (Kinesis Developer Guide, "Data retention period").
const before = daySeconds + daySeconds;

// Flows end before their records arrive, so this allows for clocks only. Amazon Timestream accepts 15 minutes by default.
const after = 600;

/** The bounds of a stream. They depend on the arrival of the flow's own record only, so other flows cannot move them. */
export const streamBounds: TimeBounds = { before, after };

/** The bounds of a backfill: flows may be of any past time. Its arrivals are made up, so they may be off by hours. */
export const backfillBounds: TimeBounds = { before: Number.POSITIVE_INFINITY, after: daySeconds };

/** No bounds: every time is plausible. */
export const noBounds: TimeBounds = { before: Number.POSITIVE_INFINITY, after: Number.POSITIVE_INFINITY };

/** Returns whether a flow may have ended at a time if its record arrived at another. @param time,arrival epoch seconds */
export function isPlausible(time: number, arrival: number, bounds: TimeBounds): boolean {
  return time >= arrival - bounds.before && time <= arrival + bounds.after;
}

/**
 * Returns the start of a flow, or else its end, in epoch seconds. A start after the end, or days before the end, is
 * wrong: an aggregation interval has ten minutes at most (VPC User Guide, "Flow log records").
 */
export function startOf(flow: Flow, end: number): number {
  const start = secondsOf(flow, 'start');
  return start === undefined || isWrongStart(start, end) ? end : start;
}

/** Returns whether a flow cannot have lasted from a start to an end. @param start,end epoch seconds */
export function isWrongStart(start: number, end: number): boolean {
  return start > end || start < end - before;
}
