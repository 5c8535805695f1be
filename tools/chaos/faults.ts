/**
 * What can happen to one call to a store or topic.
 *
 * - `crash-before`, `crash-after`: the invocation stops dead before the call is made, or after it was carried out.
 * - `late`: the invocation is stopped, as by a time-out, and the call is carried out some calls later all the same.
 * - `zombie`: the invocation is taken for stopped, and its batch comes again, but it goes on for some calls all the same.
 * - `refused`: the call is not carried out and fails, as by throttling or an error of the service.
 * - `answer-lost`: the call is carried out and fails, as by a reset connection.
 * - `stuck`: the call fails, as by a time-out of the client, and is carried out some calls later all the same.
 * - `partial`: the topic takes half of a batch of messages; any other call is carried out as it should be.
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
  /** The number of the call that it hits, over all invocations of a run. */
  readonly call: number;
  readonly kind: FaultKind;
  /** How many calls later a late or stuck call is carried out; for how many calls a zombie goes on. */
  readonly delay: number;
}

/** One invocation of the function, as the world sees it. */
export class Invocation {
  readonly minute: number;
  /** The ids of the alerts that were published in it, of those whose answer was lost, and of those marked as sent. */
  readonly published = new Set<string>();
  readonly unanswered = new Set<string>();
  readonly marked = new Set<string>();
  /** The ids of the messages that the topic took of it. */
  readonly messages = new Set<string>();
  readonly died: Promise<never>;
  #isDead = false;
  #abandonedUntil: number | undefined;
  #die: (reason: Error) => void = () => {};

  /** @param minute that of its batch's arrival, since the epoch */
  constructor(minute: number) {
    this.minute = minute;
    this.died = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    this.died.catch(() => {});
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Whether it goes on though it was taken for stopped, or did for a while. */
  get isAbandoned(): boolean {
    return this.#abandonedUntil !== undefined;
  }

  /** Tells whoever waits for it that it was stopped, and lets it go on until so many calls were made by all. */
  abandon(until: number): void {
    this.#abandonedUntil ??= until;
    this.#die(new Error('the function was taken for stopped'));
  }

  /** Whether it may make no further call. */
  isOver(calls: number): boolean {
    return this.#isDead || (this.#abandonedUntil !== undefined && calls >= this.#abandonedUntil);
  }

  /** Stops it dead: whoever waits for it is told, and none of its further calls is made or answered. */
  die(reason: string): void {
    this.#isDead = true;
    this.#die(new Error(reason));
  }
}

/** Lets faults happen to calls, as planned, and remembers which alerts they may have doubled. */
export class FaultPlan {
  readonly #faults: ReadonlyMap<number, Fault>;
  readonly #late: { readonly due: number; readonly carryOut: () => Promise<unknown> }[] = [];
  readonly #pause: () => Promise<void>;
  #calls = 0;
  #isOver = false;

  /** @param pause lets others go on between two calls; what decides who does is up to the caller */
  constructor(faults: readonly Fault[], pause: () => Promise<void>) {
    this.#faults = new Map(faults.map((fault) => [fault.call, fault]));
    this.#pause = pause;
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Makes a call, or what the plan has in its place.
   *
   * @param carryOut makes it, whole or, for a batch of messages, in part
   * @param failure what it fails with, be it refused or its answer lost
   */
  async call<T>(
    invocation: Invocation,
    carryOut: (part: 'whole' | 'half') => Promise<T>,
    failure: (kind: 'refused' | 'answer-lost') => T,
  ): Promise<T> {
    await this.#pause();
    if (invocation.isOver(this.#isOver ? Number.POSITIVE_INFINITY : this.#calls)) return never();
    const fault = this.#isOver ? undefined : this.#faults.get(this.#calls);
    this.#calls += 1;
    await this.#carryOutLate();
    switch (fault?.kind) {
      case undefined:
        return this.#answered(invocation, carryOut('whole'));
      case 'crash-before':
        invocation.die('the function crashed');
        return never();
      case 'crash-after':
        await carryOut('whole');
        invocation.die('the function crashed');
        return never();
      case 'late':
        this.#late.push({ due: this.#calls + fault.delay, carryOut: () => carryOut('whole') });
        invocation.die('the function timed out');
        return never();
      case 'zombie':
        invocation.abandon(this.#calls + fault.delay);
        return this.#answered(invocation, carryOut('whole'));
      case 'stuck':
        this.#late.push({ due: this.#calls + fault.delay, carryOut: () => carryOut('whole') });
        return failure('answer-lost');
      case 'refused':
        return failure('refused');
      case 'answer-lost':
        await carryOut('whole');
        return failure('answer-lost');
      case 'partial':
        return this.#answered(invocation, carryOut('half'));
    }
  }

  /** Carries out what is still to come late, and lets nothing happen from now on. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const { carryOut } of this.#late.splice(0)) await carryOut();
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

/** What a function that has stopped waits for. */
function never(): Promise<never> {
  return new Promise(() => {});
}
