import { FlowError } from '../../lambda/common/errors.ts';
import {
  type EventRecord,
  type Origin,
  readEvent,
  type TransformationEvent,
} from '../../lambda/decode/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { identifyBatch } from '../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';

/** What a flush has done. */
export interface RunFlush {
  /** The alerts that are deferred to a later minute, and the age of what is not counted in seconds. */
  readonly deferred: number;
  readonly uncountedSeconds: number;
  readonly problems: readonly string[];
}

/** The most flushes across a gap between two events; the last of these is the last that is due. */
const maxFlushesOfGap = 24;

/** The most flushes after the last event: each can send the messages of a minute. */
const maxLastFlushes = 60;

/**
 * The schedule of the flushes of a run. Its clock is the latest arrival so far, so a run of old events flushes as a deployed
 * stack did when these arrived.
 */
export class ScheduledFlush {
  /** The clock in epoch seconds; 0 before the first event. */
  now = 0;
  /** The origin of the last event: a stack's functions have the same. */
  origin: Origin = { account: undefined, region: undefined };
  readonly #everySeconds: number;
  readonly #formats: readonly Format[];
  readonly #flush: () => Promise<RunFlush | undefined>;
  #flushedAt: number | undefined;

  /** @param flush flushes all lanes at the time of `now`; resolves to undefined if there is no journal yet */
  constructor(everySeconds: number, formats: readonly Format[], flush: () => Promise<RunFlush | undefined>) {
    this.#everySeconds = everySeconds;
    this.#formats = formats;
    this.#flush = flush;
  }

  /** Runs the flushes that are due before an event, and advances the clock to the event. An invalid event changes nothing. */
  async before(event: unknown): Promise<void> {
    const read = readOrNothing(event);
    if (read) await this.beforeRecords(read.records, read.origin);
  }

  /** Runs the flushes that are due before the records of a batch, and advances the clock to the batch. */
  async beforeRecords(records: readonly EventRecord[], origin: Origin): Promise<void> {
    const arrival = this.#arrivalOf(records);
    this.#flushedAt ??= arrival;
    let flushes = 0;
    for (;;) {
      const waits = Math.floor((arrival - this.#flushedAt) / this.#everySeconds);
      if (waits < 1) break;
      flushes += 1;
      const isLast = flushes >= maxFlushesOfGap;
      this.now = this.#flushedAt + (isLast ? waits : 1) * this.#everySeconds;
      await this.#run();
    }
    this.now = Math.max(this.now, arrival);
    this.origin = origin;
  }

  /** Counts everything that is left, and sends the alerts that the messages of a minute had no space for. */
  async finish(): Promise<void> {
    if (this.#flushedAt === undefined) return;
    for (let flushes = 0; flushes < maxLastFlushes; flushes += 1) {
      const flushed = await this.#run();
      if (!flushed || flushed.deferred + flushed.uncountedSeconds === 0) return;
      if (flushed.uncountedSeconds === 0) this.now += 60;
    }
  }

  async #run(): Promise<RunFlush | undefined> {
    this.#flushedAt = this.now;
    const flushed = await this.#flush();
    const [problem] = flushed?.problems ?? [];
    if (problem !== undefined) throw new FlowError('COUNT_FAILED', `the journal cannot be counted: ${problem}`);
    return flushed;
  }

  /** Returns the arrival of a batch in epoch seconds. A batch without a time of arrival arrived with its last flow. */
  #arrivalOf(records: readonly EventRecord[]): number {
    let latest = 0;
    for (const { arrival = 0 } of records) if (arrival > latest) latest = arrival;
    return latest || identifyBatch(records, readRecords(records, this.#formats)).arrival;
  }
}

/** Reads an event; undefined for an invalid event. */
function readOrNothing(event: unknown): TransformationEvent | undefined {
  try {
    return readEvent(event);
  } catch (error) {
    if (error instanceof FlowError) return undefined;
    throw error;
  }
}
