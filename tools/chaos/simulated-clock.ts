/** A jump of the clock: nothing happens for a while. */
export interface Jump {
  /** The number of calls before the jump. */
  readonly call: number;
  readonly seconds: number;
}

/** The pace of a clock. */
export interface Pace {
  readonly secondsPerCall: number;
  readonly jumps: readonly Jump[];
}

/** The true time of a run, in epoch seconds. The clock of a process differs by a skew. */
export class SimulatedClock {
  readonly #secondsPerCall: number;
  readonly #jumps: Map<number, number>;
  #now: number;

  constructor(begin: number, { secondsPerCall, jumps }: Pace) {
    this.#now = begin;
    this.#secondsPerCall = secondsPerCall;
    this.#jumps = new Map(jumps.map(({ call, seconds }) => [call, seconds]));
  }

  /** Returns the time by the clock of a process. */
  now(skew = 0): number {
    return this.#now + skew;
  }

  /** Moves by the time of one call. */
  call(): void {
    this.#now += this.#secondsPerCall;
  }

  /** Returns the seconds to jump before a call, once; 0 without a jump. */
  jumpAt(call: number): number {
    const seconds = this.#jumps.get(call) ?? 0;
    this.#jumps.delete(call);
    return seconds;
  }

  advance(seconds: number): void {
    this.#now += seconds;
  }
}
