import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import { longerInterval, shortestInterval } from './interval-lengths.ts';

/** Counted flows by interval of time. */
export interface Timeline {
  /** Length of an interval, in seconds. */
  readonly seconds: number;
  /** Intervals in which counted flows ended, in order of time; empty intervals are left out. */
  readonly intervals: readonly Interval[];
}

/** Sums of the counted flows that ended in an interval. */
export interface Interval {
  /** Start of the interval, in epoch seconds. */
  readonly at: number;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly flows: number;
}

/** Maximum number of bars in a chart. */
const maxIntervals = 240;

/**
 * Bytes and rejects over time, in the memory of one chart. Intervals are a minute long at first, and take the next length of
 * interval-lengths.ts when there are too many. Empty intervals are not stored, so a flow with a wrong time does not coarsen the others. The order of the
 * flows does not matter.
 */
export class FlowTimeline {
  #seconds = shortestInterval;
  #intervals = new Map<number, Interval>();

  /** Adds a flow. @param at end of the flow, in epoch seconds */
  add(at: number, bytes: Quantity, rejects: number): void {
    this.#merge({ at, bytes, rejects, flows: 1 });
    while (this.#intervals.size > maxIntervals) this.#lengthen();
  }

  /** Returns the current intervals. */
  read(): Timeline {
    const intervals = [...this.#intervals.values()].sort((a, b) => a.at - b.at);
    return { seconds: this.#seconds, intervals };
  }

  #lengthen(): void {
    this.#seconds = longerInterval(this.#seconds);
    const shorter = this.#intervals.values();
    this.#intervals = new Map();
    for (const interval of shorter) this.#merge(interval);
  }

  #merge({ at, bytes, rejects, flows }: Interval): void {
    const start = Math.floor(at / this.#seconds) * this.#seconds;
    const previous = this.#intervals.get(start) ?? { bytes: 0, rejects: 0, flows: 0 };
    this.#intervals.set(start, {
      at: start,
      bytes: addQuantity(previous.bytes, bytes),
      rejects: previous.rejects + rejects,
      flows: previous.flows + flows,
    });
  }
}
