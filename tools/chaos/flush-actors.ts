import { type FaultPlan, Invocation } from './faults.ts';
import type { FlushStart } from './journal-schedule.ts';
import type { World } from './world.ts';

/** The most flushes until a journal is empty. */
const maxDrains = 40;

/** All leases of dead flushes have ended after this time, in seconds, whatever the clocks. */
const afterLeasesSeconds = 1000;

/** Starts the flushes of a run, beside the batches and after them. */
export class FlushActors {
  /** The invocations so far. */
  readonly invocations: Invocation[] = [];
  readonly failed: Invocation[] = [];
  readonly #world: World;
  readonly #plan: FaultPlan;
  readonly #starts: FlushStart[];
  readonly #running: Promise<unknown>[] = [];

  constructor(world: World, plan: FaultPlan, starts: readonly FlushStart[]) {
    this.#world = world;
    this.#plan = plan;
    this.#starts = starts.toSorted((a, b) => a.call - b.call);
  }

  /** Starts the flushes that begin after this number of calls. */
  startDue(calls: number): void {
    while (this.#starts[0] && this.#starts[0].call <= calls) this.#start(this.#starts.shift()!);
  }

  /** Starts the flushes that are left, one after the other, and waits for all. */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    for (let next = this.#starts.shift(); next; next = this.#starts.shift()) {
      this.#start(next);
      await Promise.all(this.#running);
    }
  }

  /** Flushes until a journal has no page left. Returns the violation if that takes too many flushes. */
  async drain(): Promise<string[]> {
    this.#plan.clock.advance(afterLeasesSeconds);
    let problems: unknown = [];
    for (let number = 0; number < maxDrains; number += 1) {
      const result = await this.follow(true);
      if (!result) return [];
      problems = result.problems;
      if (result.pages === 0 && result.problems.length === 0 && result.lanesHeldElsewhere === 0) return [];
      this.#plan.clock.advance(60);
    }
    return [`the journal is not empty after ${maxDrains} flushes: ${JSON.stringify(problems)}`];
  }

  /** Flushes all lanes, or only follows up alerts if the last flush is recent. */
  follow(isForced: boolean): ReturnType<World['flush']> {
    return this.#invoke({ call: 0, process: 2, index: 0, processes: 1, isForced });
  }

  #start(start: FlushStart): void {
    this.#running.push(this.#invoke(start).catch(() => {}));
  }

  async #invoke(start: FlushStart): ReturnType<World['flush']> {
    const { clock } = this.#plan;
    const invocation = new Invocation(Math.floor(clock.now() / 60), clock.now(), true);
    this.invocations.push(invocation);
    try {
      const flushed = this.#world.flush(start, invocation, this.#plan);
      // A zombie may still fail when nobody waits for it.
      flushed.catch(() => {});
      const result = await Promise.race([flushed, invocation.died]);
      invocation.hasEnded = true;
      return result;
    } catch (error) {
      invocation.hasEnded = true;
      this.failed.push(invocation);
      throw error;
    }
  }
}
