import { eventOf } from './context-events.ts';
import type { ContextSchedule, PlannedEvent } from './context-schedule.ts';
import { type FaultPlan, Invocation } from './faults.ts';
import type { World } from './world.ts';

/** The timeout of the function that stores context. */
const timeoutSeconds = 60;

/** How long a message of the queue is invisible after its attempt has failed, in seconds. */
const invisibleSeconds = 60;

/** The most looks at an event, and attempts to handle a message, until a run is taken to be without end. */
const maxLooks = 96;
const maxAttempts = 500;

/** A message of the queue of context events. */
interface Message {
  readonly event: PlannedEvent;
  readonly looks: number;
  /** When the event was looked at first, in epoch seconds; undefined before. */
  readonly firstLook: number | undefined;
  /** When it is visible, in epoch seconds. */
  readonly due: number;
}

/** A look at an event that was completed. */
export interface Look {
  readonly event: PlannedEvent;
  /** The number of calls of the run when it began. */
  readonly began: number;
  /** After how many seconds the event is looked at again; undefined if it is done. */
  readonly seconds: number | undefined;
  /** How long ago the event was looked at first, in seconds. */
  readonly age: number;
}

/** Delivers context events beside the batches and after them, as a queue does: what failed comes again. */
export class ContextActors {
  /** The invocations so far. */
  readonly invocations: Invocation[] = [];
  /** Those that failed, or seemed to. */
  readonly failed: Invocation[] = [];
  readonly looks: Look[] = [];
  readonly #world: World;
  readonly #plan: FaultPlan;
  readonly #schedule: ContextSchedule | undefined;
  readonly #starts: ContextSchedule['starts'][number][];
  readonly #waiting: Message[] = [];
  readonly #running: Promise<unknown>[] = [];

  constructor(world: World, plan: FaultPlan, schedule: ContextSchedule | undefined) {
    this.#world = world;
    this.#plan = plan;
    this.#schedule = schedule;
    this.#starts = (schedule?.starts ?? []).toSorted((a, b) => a.call - b.call);
  }

  /** Starts the deliveries that begin after this number of calls, and those that are visible again. */
  startDue(calls: number): void {
    while (this.#starts[0] && this.#starts[0].call <= calls) this.#start(messageOf(this.#starts.shift()!.event));
    for (const message of this.#takeDue()) this.#start(message);
  }

  /** Starts the deliveries that are left, one after the other, and waits for all. */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    for (let next = this.#starts.shift(); next; next = this.#starts.shift()) {
      this.#plan.clock.advance(next.wait);
      this.#start(messageOf(next.event));
      await Promise.all(this.#running);
    }
  }

  /** Handles what is visible, one after the other. */
  async follow(): Promise<void> {
    for (const message of this.#takeDue()) await this.#handle(message);
  }

  /** Lets time pass until no message is left. Returns the violation if some stay. */
  async drain(): Promise<string[]> {
    for (let attempt = 0; attempt < maxAttempts && this.#waiting.length > 0; attempt += 1) {
      const next = Math.min(...this.#waiting.map(({ due }) => due));
      this.#plan.clock.advance(Math.max(0, next - this.#plan.clock.now()));
      await this.follow();
    }
    const left = this.#waiting.length;
    return left > 0 ? [`${left} context events are still looked at after ${maxAttempts} attempts`] : [];
  }

  #takeDue(): Message[] {
    const now = this.#plan.clock.now();
    const due = this.#waiting.filter((message) => message.due <= now);
    for (const message of due) this.#waiting.splice(this.#waiting.indexOf(message), 1);
    return due;
  }

  #start(message: Message): void {
    this.#running.push(this.#handle(message));
  }

  /** Never rejects. */
  async #handle(message: Message): Promise<void> {
    const { clock } = this.#plan;
    const { event, looks } = message;
    const now = clock.now();
    const invocation = new Invocation(Math.floor(clock.now() / 60), clock.now(), false, timeoutSeconds);
    this.invocations.push(invocation);
    const look = { event, began: this.#plan.calls, age: now - (message.firstLook ?? now) };
    try {
      const handled = this.#world.context!(eventOf(event, this.#schedule!), message.firstLook, invocation, this.#plan);
      // A zombie may still fail when nobody waits for it.
      handled.catch(() => {});
      const seconds = await Promise.race([handled, invocation.died]);
      this.looks.push({ ...look, seconds });
      if (seconds !== undefined && looks < maxLooks)
        this.#waiting.push({
          event,
          looks: looks + 1,
          firstLook: message.firstLook ?? now,
          due: clock.now() + seconds,
        });
    } catch {
      this.failed.push(invocation);
      this.#waiting.push({ ...message, due: clock.now() + invisibleSeconds });
    } finally {
      invocation.hasEnded = true;
    }
  }
}

function messageOf(event: PlannedEvent): Message {
  return { event, looks: 0, firstLook: undefined, due: 0 };
}
