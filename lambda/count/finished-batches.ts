import { type Counter, oldestTokenSlot, batchTokenOf } from '../counters/counter.ts';

/** By what clock a process tells how long ago something was, and how long a try of a batch may live. */
export interface FinishingOptions {
  /** Milliseconds since any moment, and never fewer than before: no wall clock. */
  readonly now: () => number;
  /** So long after it was begun, no write of a try reaches the table any more. */
  readonly attemptMilliseconds: number;
}

/** A batch that was not counted in whole when it was asked for is asked for again after so long, in milliseconds. */
const askAgainMilliseconds = 30_000;
/** The most batches that are asked for at once: more than come to each process between two of its own. */
const maxAsked = 500;
/** What is known is forgotten after so long: by then no item has the token any more. */
const knownMilliseconds = 2 * 3600 * 1000;
const maxKnown = 200_000;

/**
 * What a process knows of batches that were counted in whole. Such a batch is settled, and items need not remember it, as
 * soon as no update of it can come any more. A try that begins after the batch was counted in whole sees that, and adds
 * nothing; so only one that had begun before could still write. Where the batch had but one try by then, and each of its
 * requests was answered at the first attempt, there is none; else it is over when this process has known for as long as
 * a try may live that the batch is counted.
 *
 * A process begins to believe so when it is as old itself: tries of a version before, which does not note that it begins,
 * are over by then.
 */
export class FinishedBatches {
  readonly #settling: FinishingOptions;
  readonly #grownUp: number;
  /** By the batch's token: from when on it is settled. */
  readonly #known = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #unknown = new Set<string>();

  constructor(settling: FinishingOptions) {
    this.#settling = settling;
    this.#grownUp = settling.now() + settling.attemptMilliseconds;
  }

  /** @param tries how many had begun when it was counted in whole; more where a request may be under way still */
  recordCompletion(token: string, tries: number): void {
    this.#asked.delete(token);
    this.#unknown.delete(token);
    if (this.#known.has(token)) return;
    const { now, attemptMilliseconds } = this.#settling;
    this.#known.set(token, tries === 1 ? now() : now() + attemptMilliseconds);
    for (const [oldest, at] of this.#known) {
      if (at + knownMilliseconds > now() && this.#known.size <= maxKnown) break;
      this.#known.delete(oldest);
    }
  }

  /** Whether no update of the batch can come any more. */
  isFinished(token: string): boolean {
    const at = this.#known.get(token);
    if (at === undefined) return false;
    const now = this.#settling.now();
    return now >= at && now >= this.#grownUp;
  }

  /** Takes note of the batches that a counter remembers, so that those are asked for of which nothing is known. */
  observe({ dedupTokens }: Counter, arrival: number): void {
    const oldest = oldestTokenSlot(arrival);
    for (const [slot, parts] of dedupTokens) {
      if (slot < oldest) continue;
      for (const part of parts) {
        const token = batchTokenOf(part);
        if (!this.#known.has(token) && this.#unknown.size < maxAsked) this.#unknown.add(token);
      }
    }
  }

  /** The batches, but for the process's own one, of which it is worth asking now whether they were counted in whole. */
  unknownTokens(own: string): string[] {
    this.#unknown.delete(own);
    const now = this.#settling.now();
    const due = [...this.#unknown].filter(
      (token) => (this.#asked.get(token) ?? -Infinity) + askAgainMilliseconds <= now,
    );
    this.#unknown.clear();
    for (const [token, at] of this.#asked) if (at + askAgainMilliseconds <= now) this.#asked.delete(token);
    for (const token of due) this.#asked.set(token, now);
    return due;
  }
}
