import { addQuantity, type Quantity } from '../../lambda/common/quantity.ts';
import { longerInterval, shortestInterval } from './interval-lengths.ts';

export interface Timeline {
  /** The length of an interval, in seconds. */
  readonly seconds: number;
  /** Those in which counted flows ended, in order of time; there is none in between. */
  readonly intervals: readonly Interval[];
}

/** What was counted of the flows that ended in an interval. */
export interface Interval {
  /** Its beginning. */
  readonly at: number;
  readonly bytes: Quantity;
  readonly rejects: number;
  readonly flows: number;
}

/** A chart has room for so many bars. */
const maxIntervals = 240;

/**
 * Bytes and rejects over time, in no more memory than a chart needs: intervals of a minute, and of the next longer
 * length whenever there are too many. Intervals without flows take no room, so one flow with an odd time does not make
 * all others coarse. The order of the flows makes no difference.
 */
export class FlowTimeline {
  #seconds = shortestInterval;
  #intervals = new Map<number, Interval>();

  /** @param at when the flow ended, in epoch seconds */
  add(at: number, bytes: Quantity, rejects: number): void {
    this.#join({ at, bytes, rejects, flows: 1 });
    while (this.#intervals.size > maxIntervals) this.#lengthen();
  }

  /** The intervals so far. */
  read(): Timeline {
    const intervals = [...this.#intervals.values()].sort((a, b) => a.at - b.at);
    return { seconds: this.#seconds, intervals };
  }

  #lengthen(): void {
    this.#seconds = longerInterval(this.#seconds);
    const shorter = this.#intervals.values();
    this.#intervals = new Map();
    for (const interval of shorter) this.#join(interval);
  }

  #join({ at, bytes, rejects, flows }: Interval): void {
    const start = Math.floor(at / this.#seconds) * this.#seconds;
    const before = this.#intervals.get(start) ?? { bytes: 0, rejects: 0, flows: 0 };
    this.#intervals.set(start, {
      at: start,
      bytes: addQuantity(before.bytes, bytes),
      rejects: before.rejects + rejects,
      flows: before.flows + flows,
    });
  }
}
