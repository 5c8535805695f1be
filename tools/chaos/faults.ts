import type { Level } from '../../lambda/rules/level.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/**
 * The faults of one call to a store or topic.
 *
 * - `crash-before`, `crash-after`: the invocation ends before the call, or after the call was carried out.
 * - `late`: the invocation times out, and the call is carried out some calls later.
 * - `zombie`: Firehose retries the batch as if the invocation had ended, but the invocation continues for some calls.
 * - `refused`: the call fails and is not carried out, as with throttling or an error of the service.
 * - `answer-lost`: the call is carried out but fails, as with a reset connection.
 * - `stuck`: the call fails, as with a time-out of the client, and is carried out some calls later.
 * - `partial`: the topic takes half of a batch of messages; other calls are carried out normally.
 */
export const faultKinds = [
  'crash-before',
  'crash-after',
  'late',
  'zombie',
  'refused',
  'answer-lost',
  'stuck',
  'partial',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** The number of the affected call, over all invocations of a run. */
  readonly call: number;
  readonly kind: FaultKind;
  /** The number of calls after which a late or stuck call is carried out, or for which a zombie continues. */
  readonly delay: number;
}

/** A time in which the store and the topic refuse every call: longer than the attempts of a batch, or shorter. */
export interface Outage {
  /** The number of the first refused call, and of refused calls. */
  readonly from: number;
  readonly calls: number;
}

/** The messages of one reservation of an invocation. A batch has one; a flush may have several, in several minutes. */
export class Round {
  readonly minute: number;
  /** Whether a message was sent to the topic, which may take it later. */
  hasSent = false;
  /** The levels of the messages that the topic took, by the message's id. */
  readonly messages = new Map<string, Level>();
  /** The messages that the invocation wanted to reserve, by level. */
  readonly wanted = new Map<string, number>();
  /** The rules of alerts that the invocation deferred. */
  readonly deferred = new Set<string>();

  constructor(minute: number) {
    this.minute = minute;
  }

  /** Records messages that the invocation wanted to reserve. */
  want(messages: Readonly<Record<string, number>>): void {
    for (const [level, number] of Object.entries(messages)) {
      this.wanted.set(level, (this.wanted.get(level) ?? 0) + number);
    }
  }
}

/** The longest life of an invocation in seconds: the timeout of the functions that count. */
const timeoutSeconds = 300;

/** One invocation of a function. */
export class Invocation {
  /** When it began, in seconds of the simulated clock. */
  readonly startedAt: number;
  readonly isFlush: boolean;
  /** The timeout of its function, in seconds. */
  readonly timeout: number;
  readonly rounds: Round[];
  /** The ids of the alerts that were published, of those with a lost response, and of those marked as sent. */
  readonly published = new Set<string>();
  readonly unanswered = new Set<string>();
  readonly marked = new Set<string>();
  /** Whether the topic left a message out: then a flush defers all alerts. */
  hasTopicFailed = false;
  /** Whether the invocation has returned or thrown. */
  hasEnded = false;
  /** The entries that the invocation added to re-evaluation queues, by queue. */
  readonly scheduled = new Map<string, Set<string>>();
  readonly died: Promise<never>;
  #isDead = false;
  #abandonedUntil: number | undefined;
  #die: (reason: Error) => void = () => {};

  /**
   * @param minute of the arrival of the batch, since the epoch
   * @param startedAt in seconds of the simulated clock
   */
  constructor(minute: number, startedAt: number, isFlush = false, timeout = timeoutSeconds) {
    this.startedAt = startedAt;
    this.timeout = timeout;
    this.isFlush = isFlush;
    this.rounds = [new Round(minute)];
    this.died = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    this.died.catch(() => {});
  }

  /** The latest round. */
  get round(): Round {
    return this.rounds.at(-1)!;
  }

  /** Returns the round of a reservation: a further one if the latest is of another minute, or has sent messages. */
  roundOf(minute: number): Round {
    if (this.round.minute !== minute || this.round.hasSent) this.rounds.push(new Round(minute));
    return this.round;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Returns whether the invocation is or was a zombie. */
  get isAbandoned(): boolean {
    return this.#abandonedUntil !== undefined;
  }

  /** Rejects `died`, but lets the invocation continue until all invocations have made `until` calls. */
  abandon(until: number): void {
    this.#abandonedUntil ??= until;
    this.#die(new Error('the function seemed to have ended'));
  }

  /** Returns whether the invocation may make no further call. */
  isOver(calls: number): boolean {
    return this.#isDead || (this.#abandonedUntil !== undefined && calls >= this.#abandonedUntil);
  }

  /** Rejects `died`, and ends the invocation: its further calls are neither made nor answered. */
  die(reason: string): void {
    this.#isDead = true;
    this.#die(new Error(reason));
  }
}

/** What happens between calls. */
export interface PlanEvents {
  /** Receives the number of calls so far, before each call. */
  onCall(calls: number): void;
  /** Receives the time after a jump of the clock. */
  onJump(now: number): void;
}

/** Applies planned faults to calls. */
export class FaultPlan {
  /** The simulated clock, which moves with the calls. */
  readonly clock: SimulatedClock;
  events: PlanEvents = { onCall() {}, onJump() {} };
  readonly #faults: ReadonlyMap<number, Fault>;
  readonly #outage: Outage;
  readonly #late: { readonly due: number; readonly carryOut: () => Promise<unknown> }[] = [];
  readonly #pause: () => Promise<void>;
  #calls = 0;
  #isOver = false;

  /** @param pause lets other invocations run between two calls; the caller controls their order */
  constructor(faults: readonly Fault[], outage: Outage, pause: () => Promise<void>, clock: SimulatedClock) {
    this.clock = clock;
    this.#faults = new Map(faults.map((fault) => [fault.call, fault]));
    this.#outage = outage;
    this.#pause = pause;
  }

  /** The number of calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Makes a call, or applies the planned fault.
   *
   * @param carryOut makes the call, for all or for half of a batch of messages
   * @param failure returns or throws the failure of a call that is refused or whose response is lost
   */
  async call<T>(
    invocation: Invocation,
    carryOut: (part: 'all' | 'half') => Promise<T>,
    failure: (kind: 'refused' | 'answer-lost') => T,
  ): Promise<T> {
    await this.#pause();
    await this.#moveClock();
    if (this.clock.now() - invocation.startedAt > invocation.timeout) invocation.die('the function timed out');
    if (invocation.isOver(this.#isOver ? Number.POSITIVE_INFINITY : this.#calls)) return never();
    const kind = this.#isOver ? undefined : this.#kindOfCall();
    const delay = this.#faults.get(this.#calls)?.delay ?? 0;
    this.#calls += 1;
    await this.#carryOutLate();
    switch (kind) {
      case undefined:
        return this.#answered(invocation, carryOut('all'));
      case 'crash-before':
        invocation.die('the function crashed');
        return never();
      case 'crash-after':
        await carryOut('all');
        invocation.die('the function crashed');
        return never();
      case 'late':
        this.#late.push({ due: this.#calls + delay, carryOut: () => carryOut('all') });
        invocation.die('the function timed out');
        return never();
      case 'zombie':
        invocation.abandon(this.#calls + delay);
        return this.#answered(invocation, carryOut('all'));
      case 'stuck':
        this.#late.push({ due: this.#calls + delay, carryOut: () => carryOut('all') });
        return failure('answer-lost');
      case 'refused':
        return failure('refused');
      case 'answer-lost':
        await carryOut('all');
        return failure('answer-lost');
      case 'partial':
        return this.#answered(invocation, carryOut('half'));
    }
  }

  /** Carries out all late calls, applies no further fault, and stops the clock. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#carryOutAllLate();
  }

  /** Moves the clock. DynamoDB refuses a request that is older than five minutes, so late ones precede a jump. */
  async #moveClock(): Promise<void> {
    if (this.#isOver) return;
    this.events.onCall(this.#calls);
    const seconds = this.clock.jumpAt(this.#calls);
    if (seconds > 0) await this.#carryOutAllLate();
    this.clock.call();
    if (seconds === 0) return;
    this.clock.advance(seconds);
    this.events.onJump(this.clock.now());
  }

  async #carryOutAllLate(): Promise<void> {
    for (const { carryOut } of this.#late.splice(0)) await carryOut();
  }

  #kindOfCall(): FaultKind | undefined {
    const { from, calls } = this.#outage;
    if (this.#calls >= from && this.#calls < from + calls) return 'refused';
    return this.#faults.get(this.#calls)?.kind;
  }

  async #answered<T>(invocation: Invocation, answer: Promise<T>): Promise<T> {
    const value = await answer;
    return invocation.isDead ? never() : value;
  }

  async #carryOutLate(): Promise<void> {
    const due = this.#late.filter((call) => call.due <= this.#calls);
    for (const call of due) {
      this.#late.splice(this.#late.indexOf(call), 1);
      await call.carryOut();
    }
  }
}

/** Returns a promise that never settles: the call of an invocation that has ended. */
function never(): Promise<never> {
  return new Promise(() => {});
}
