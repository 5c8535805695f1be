import { batchTokenOf, type Counter, oldestTokenSlot } from '../counters/counter.ts';

/** The clock of a process, and the maximum lifetime of an attempt. */
export interface FinishingOptions {
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** The time after the start of an attempt when none of its writes can reach the table any more. */
  readonly attemptMilliseconds: number;
}

/** The interval between two look-ups of a batch that is not completely counted yet. */
const lookUpAgainMilliseconds = 30_000;
/** The maximum number of batches in one look-up: more than a process meets between two batches. */
const maxLookUps = 500;
/** The time after which a known batch is forgotten; if an item still holds its token, the batch is looked up again. */
const retentionMilliseconds = 2 * 3600 * 1000;
const maxKnown = 200_000;

/**
 * The batches that a process knows to be finished: no late attempt can write any more, so counters may drop their dedup
 * tokens. That holds at once if there was one attempt without request retries, otherwise after the maximum lifetime of an
 * attempt. See docs/decisions/0013-a-busy-item-is-one-write-unit.md.
 */
export class FinishedBatches {
  readonly #options: FinishingOptions;
  /** The time from which a batch is finished, by dedup token. */
  readonly #finishedFrom = new Map<string, number>();
  /** The time of the last look-up, by dedup token. */
  readonly #lookedUp = new Map<string, number>();
  /** Whether a batch arrived too long ago to be in flight, by dedup token. */
  readonly #unknown = new Map<string, boolean>();

  constructor(options: FinishingOptions) {
    this.#options = options;
  }

  /** @param attempts number of attempts that had started at completion, plus one if a request may still be in flight */
  recordCompletion(token: string, attempts: number): void {
    this.#lookedUp.delete(token);
    this.#unknown.delete(token);
    if (this.#finishedFrom.has(token)) return;
    const { now, attemptMilliseconds } = this.#options;
    this.#finishedFrom.set(token, attempts === 1 ? now() : now() + attemptMilliseconds);
    for (const [oldest, at] of this.#finishedFrom) {
      if (at + retentionMilliseconds > now() && this.#finishedFrom.size <= maxKnown) break;
      this.#finishedFrom.delete(oldest);
    }
  }

  /**
   * Records that an unknown batch has no marker. Each batch has a marker before any counter holds its token, so the marker
   * of an old batch has expired, as the batch's counters. An invocation in flight may be about to write that of another.
   */
  recordMissing(token: string, isOld: boolean): void {
    if (isOld) this.recordCompletion(token, 1);
  }

  /**
   * Returns whether no update of the batch can be written any more. Collects an unknown batch for the next look-up.
   *
   * @param isOld whether the batch arrived more than an hour before the present one
   */
  isFinished(token: string, isOld: boolean): boolean {
    const from = this.#finishedFrom.get(token);
    if (from === undefined) {
      this.#collect(token, isOld);
      return false;
    }
    return this.#options.now() >= from;
  }

  /**
   * Collects the unknown batches of the last hour among a counter's dedup tokens, for the next look-up: a busy counter is
   * compacted soon. A counter that is seldom counted has older tokens, which matter only when `isFinished` is asked.
   */
  observe({ dedupTokens }: Counter, arrival: number): void {
    const oldest = oldestTokenSlot(arrival);
    for (const [slot, parts] of dedupTokens) {
      if (slot < oldest) continue;
      for (const part of parts) {
        const token = batchTokenOf(part);
        if (!this.#finishedFrom.has(token)) this.#collect(token, false);
      }
    }
  }

  #collect(token: string, isOld: boolean): void {
    if (this.#unknown.size < maxLookUps) this.#unknown.set(token, isOld);
  }

  /** Returns the collected batches to look up now, without the process's own batch; and whether each is old. */
  unknownTokens(ownToken: string): [token: string, isOld: boolean][] {
    this.#unknown.delete(ownToken);
    const now = this.#options.now();
    const due = [...this.#unknown].filter(
      ([token]) => (this.#lookedUp.get(token) ?? -Infinity) + lookUpAgainMilliseconds <= now,
    );
    this.#unknown.clear();
    for (const [token, at] of this.#lookedUp) if (at + lookUpAgainMilliseconds <= now) this.#lookedUp.delete(token);
    for (const [token] of due) this.#lookedUp.set(token, now);
    return due;
  }
}
