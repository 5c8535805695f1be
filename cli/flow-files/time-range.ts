import { utc } from '../../lambda/common/format-units.ts';
import { type Flow, timeOf } from '../../lambda/flow-log/flow.ts';
import { InputError } from '../terminal/input-error.ts';

/** A range of times in epoch seconds: `from` is included, `to` is not; infinite without a limit. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The options `--from` and `--to`, in epoch seconds. */
export interface TimeRangeOptions {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Flows outside a range: their number, and the time from their first to their last end; infinite without a time. */
export interface OutsideFlows extends TimeRange {
  readonly flows: number;
}

/**
 * Returns the range of the options; undefined without both.
 *
 * @throws InputError if the range is empty
 */
export function timeRangeOf({ from, to }: TimeRangeOptions): TimeRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  const range = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY };
  if (range.from < range.to) return range;
  throw new InputError(
    `--from is invalid: got ${utc(range.from)}, expected a time before --to, ${utc(range.to)} (UTC)`,
  );
}

/** Decides which flows are in a range by their end, or else their start. A flow without a time is outside. */
export class RangeFilter {
  readonly range: TimeRange;
  #inside = 0;
  #outside = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  constructor(range: TimeRange) {
    this.range = range;
  }

  /** Returns whether a flow is in the range, and counts it. */
  has(flow: Flow): boolean {
    const time = timeOf(flow);
    if (isInRange(time, this.range)) {
      this.#inside += 1;
      return true;
    }
    this.#outside += 1;
    if (time === undefined) return false;
    if (time < this.#from) this.#from = time;
    if (time > this.#to) this.#to = time;
    return false;
  }

  /** The flows that were outside. */
  get outside(): OutsideFlows {
    return { flows: this.#outside, from: this.#from, to: this.#to };
  }

  /** @throws InputError if there are flows, and none is in the range */
  requireFlows(): void {
    if (this.#inside === 0 && this.#outside > 0) throw nothingInRange(this.range, this.outside);
  }
}

/** Adds up flows outside a range. */
export function addOutside(a: OutsideFlows, b: OutsideFlows): OutsideFlows {
  return { flows: a.flows + b.flows, from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

/** Returns whether a time is in a range. @param time epoch seconds; undefined if unknown, and outside */
export function isInRange(time: number | undefined, { from, to }: TimeRange): boolean {
  return time !== undefined && time >= from && time < to;
}

/** Returns the error for a range without a flow. */
export function nothingInRange(range: TimeRange, outside: OutsideFlows): InputError {
  const limits = [
    ...(Number.isFinite(range.from) ? [`from ${utc(range.from)}`] : []),
    ...(Number.isFinite(range.to) ? [`before ${utc(range.to)}`] : []),
  ].join(' and ');
  const logs =
    outside.from <= outside.to
      ? `the flows of the logs end from ${utc(outside.from)} to ${utc(outside.to)} (UTC)`
      : 'the flows of the logs have no time';
  return new InputError(`--from and --to leave no flow: got times ${limits}, but ${logs}; choose another range`);
}
