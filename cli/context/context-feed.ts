import TinyQueue from 'tinyqueue';
import { timeOfEvent } from '../../lambda/context/context-event.ts';
import type { RunEvent } from './run-event.ts';

/** A delivery of an event. */
export interface Delivery extends RunEvent {
  /** Epoch seconds. */
  readonly time: number;
  /** The time of the first delivery. */
  readonly first: number;
  /** False if the event is looked at again: an update had to wait. */
  readonly isFirst: boolean;
}

/** Handles a delivery. Returns after how many seconds the event is to be looked at again; undefined if it is done. */
export type Deliver = (delivery: Delivery) => Promise<number | undefined>;

/** Delivers the events of a run in order of their time, as EventBridge does. */
export class ContextFeed {
  readonly #queue: TinyQueue<Delivery>;
  readonly #deliver: Deliver;
  #now = 0;

  constructor(events: readonly RunEvent[], deliver: Deliver) {
    const deliveries = events.map((one) => {
      const time = timeOfEvent(one.event);
      return { ...one, time, first: time, isFirst: true };
    });
    this.#queue = new TinyQueue(deliveries, (a, b) => a.time - b.time);
    this.#deliver = deliver;
  }

  /** The time of the run, in epoch seconds: it does not go back. */
  get now(): number {
    return this.#now;
  }

  /** Delivers what is due at a time, in epoch seconds. */
  async deliverUntil(time: number): Promise<void> {
    for (let next = this.#queue.peek(); next && next.time <= time; next = this.#queue.peek()) {
      this.#queue.pop();
      this.#now = Math.max(this.#now, next.time);
      const first = next.isFirst ? this.#now : next.first;
      const seconds = await this.#deliver({ ...next, time: this.#now, first });
      if (seconds !== undefined) this.#queue.push({ ...next, first, time: this.#now + seconds, isFirst: false });
    }
    if (Number.isFinite(time)) this.#now = Math.max(this.#now, time);
  }

  /** Delivers all that is left. */
  async finish(): Promise<void> {
    await this.deliverUntil(Number.POSITIVE_INFINITY);
  }
}
