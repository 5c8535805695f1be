import { gunzipSync, gzipSync } from 'node:zlib';
import { isGzip } from '../../lambda/decode/envelopes/envelope.ts';
import { maxResponseBytes } from '../../lambda/respond/respond.ts';
import { type Invoke, NotRun } from '../deployment/lambda-function.ts';
import { type FailedRecord, type GivenUpBatch, readErrorObject } from '../flow-files/formats/firehose-error-object.ts';
import { callFunction, contentHash, type Origin } from './invoke.ts';
import type { Lake } from './lake.ts';
import type { ExpiredAction, OverflowedAction } from './redrive-actions.ts';
import { type PassedOn, passOn } from './store-results.ts';

/** How objects are redriven. */
export interface RedriveSettings {
  readonly origin: Origin;
  readonly expired: ExpiredAction;
  readonly overflowed: OverflowedAction;
  /** Prefix of the decoded lines in the lake, such as `redriven/`. */
  readonly targetPrefix: string;
}

export interface RedrivePorts {
  readonly lake: Lake;
  readonly invoke: Invoke;
  /** In epoch seconds. */
  now(): number;
}

/** How many records and batches there were, by what became of them. */
export interface Tally {
  /** Batches that went through the function again, and their records. */
  batchesCounted: number;
  recordsCounted: number;
  /** Records that were decoded without being counted. */
  recordsPassedOn: number;
  /** Records of batches that an earlier run had finished. */
  recordsDone: number;
  recordsUnreadable: number;
  /** What stays where it is, for a choice of `expired`. */
  batchesLeft: number;
  recordsLeft: number;
}

export function emptyTally(): Tally {
  return {
    batchesCounted: 0,
    recordsCounted: 0,
    recordsPassedOn: 0,
    recordsDone: 0,
    recordsUnreadable: 0,
    batchesLeft: 0,
    recordsLeft: 0,
  };
}

/** Where Firehose puts what the function did not transform (lib/lake/lake-bucket.ts). */
export const failedPrefix = 'errors/processing-failed/';
/** Where records go of which no line can be read, as they were; and marks of late batches that are being counted. */
export const unreadablePrefix = 'errors/unreadable/';
export const begunPrefix = 'errors/redrive-begun/';

/** How long a batch is known by its token after it arrived (docs/decisions/0001), and how long an invocation may take. */
const rememberedSeconds = 3600;
const invocationSeconds = 300;

/** Whether a batch that was given up goes through the function in time to be known again. */
export function isInTime({ records }: GivenUpBatch, now: number): boolean {
  const arrival = Math.max(...records.map((record) => record.arrival)) / 1000;
  return now + invocationSeconds <= arrival + rememberedSeconds && eventBytes(records) < maxResponseBytes;
}

/** Reads an object of the lake as text, be it compressed or not. */
export function textOfObject(body: Uint8Array): string {
  const bytes = Buffer.from(body);
  return (isGzip(bytes) ? gunzipSync(bytes) : bytes).toString();
}

/**
 * Puts the content of one error object through again, and removes it. What it writes is named by the content, and written
 * before the object is removed: however often it is stopped and run again, each record comes into the lake once, and a
 * batch that is known by its token is counted once.
 *
 * @throws what the lake or `invoke` throws; then the object is still there
 */
export async function redriveObject(
  key: string,
  settings: RedriveSettings,
  ports: RedrivePorts,
  tally: Tally,
): Promise<void> {
  const { lake } = ports;
  const { answered, batches, unknown } = readErrorObject(textOfObject(await lake.read(key)));
  const place = key.slice(failedPrefix.length).replace(/\.gz$/, '');
  const run = new ObjectRun(place, settings, ports, tally);
  const left: FailedRecord[] = [];
  for (const batch of batches) if (!(await run.redriveBatch(batch))) left.push(...batch.records);
  if (settings.overflowed === 'count') {
    for (const records of eventsOf(answered)) if (!(await run.countOnce(records))) left.push(...records);
  } else if (answered.length > 0) await run.passOn(answered);
  if (unknown.length > 0) {
    await lake.write(`${unreadablePrefix}${place}.unknown.json`, `${unknown.join('\n')}\n`);
    tally.recordsUnreadable += unknown.length;
  }
  if (left.length === 0) await lake.remove(key);
  else if (left.length < answered.length + unknown.length + recordsOf(batches)) await lake.write(key, linesOf(left));
}

class ObjectRun {
  readonly #place: string;
  readonly #settings: RedriveSettings;
  readonly #ports: RedrivePorts;
  readonly #tally: Tally;

  constructor(place: string, settings: RedriveSettings, ports: RedrivePorts, tally: Tally) {
    this.#place = place;
    this.#settings = settings;
    this.#ports = ports;
    this.#tally = tally;
  }

  /** Answers whether the batch is done; one that is not is to be left where it is. */
  async redriveBatch(batch: GivenUpBatch): Promise<boolean> {
    const { records } = batch;
    const { expired } = this.#settings;
    if (isInTime(batch, this.#ports.now())) {
      if (!(await this.#isDone(records))) await this.#count(records);
      return true;
    }
    if (expired === 'count' && eventBytes(records) < maxResponseBytes) return this.countOnce(records);
    if (await this.#isDone(records)) return true;
    if (expired !== 'store') return this.#leave(records);
    await this.passOn(records);
    await this.#ports.lake.remove(this.#markKey(records));
    return true;
  }

  /**
   * Sends records through the function that no token protects, at most once: they are marked before. Answers whether they
   * are done; they are not where an earlier run marked them and did not come to an end.
   */
  async countOnce(records: readonly FailedRecord[]): Promise<boolean> {
    const { lake } = this.#ports;
    const mark = this.#markKey(records);
    if (!(await this.#isDone(records))) {
      if (!(await lake.claim(mark))) return this.#leave(records);
      await this.#count(records, () => lake.remove(mark));
    }
    await lake.remove(mark);
    return true;
  }

  /** What is written was counted before. */
  async #isDone(records: readonly FailedRecord[]): Promise<boolean> {
    const isDone = await this.#ports.lake.exists(this.#outputKey(records));
    if (isDone) this.#tally.recordsDone += records.length;
    return isDone;
  }

  #leave(records: readonly FailedRecord[]): boolean {
    this.#tally.batchesLeft += 1;
    this.#tally.recordsLeft += records.length;
    return false;
  }

  /**
   * Sends a batch through the function, then passes on what it did not give back decoded.
   *
   * @param notRun is called when it is sure that nothing was counted
   */
  async #count(records: readonly FailedRecord[], notRun?: () => Promise<void>): Promise<void> {
    const { origin } = this.#settings;
    const answers = await callFunction(records, origin, this.#ports.invoke).catch(async (error: unknown) => {
      if (error instanceof NotRun) await notRun?.();
      throw error;
    });
    const failed = records.filter((_, index) => answers[index]!.result === 'ProcessingFailed');
    const rest = await passOn(failed, origin, this.#ports.invoke);
    const decoded = answers.map(({ result, data }) => (result === 'Ok' ? Buffer.from(data, 'base64').toString() : ''));
    await this.#write(records, { text: decoded.join('') + rest.text, unreadable: rest.unreadable });
    this.#tally.batchesCounted += 1;
    this.#tally.recordsCounted += records.length - rest.unreadable.length;
  }

  /** Writes the decoded lines of records into the lake without counting them. */
  async passOn(records: readonly FailedRecord[]): Promise<void> {
    const passedOn = await passOn(records, this.#settings.origin, this.#ports.invoke);
    await this.#write(records, passedOn);
    this.#tally.recordsPassedOn += records.length - passedOn.unreadable.length;
  }

  /** What cannot be read first: where the decoded lines are, all is done. */
  async #write(records: readonly FailedRecord[], { text, unreadable }: PassedOn): Promise<void> {
    const { lake } = this.#ports;
    if (unreadable.length > 0) {
      await lake.write(`${unreadablePrefix}${this.#place}.${contentHash(records)}.json`, linesOf(unreadable));
      this.#tally.recordsUnreadable += unreadable.length;
    }
    if (text !== '') await lake.write(this.#outputKey(records), gzipSync(text));
  }

  #markKey(records: readonly FailedRecord[]): string {
    return `${begunPrefix}${this.#place}.${contentHash(records)}`;
  }

  #outputKey(records: readonly FailedRecord[]): string {
    return `${this.#settings.targetPrefix}${this.#place}.${contentHash(records)}.json.gz`;
  }
}

function linesOf(records: readonly FailedRecord[]): string {
  return records.map(({ line }) => `${line}\n`).join('');
}

function recordsOf(batches: readonly GivenUpBatch[]): number {
  return batches.reduce((sum, { records }) => sum + records.length, 0);
}

/** Cuts records into events, each of up to a MiB of base64, as far as one record is not longer by itself. */
function eventsOf(records: readonly FailedRecord[]): FailedRecord[][] {
  const events: FailedRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += eventBytes([record]);
    if (events.length === 0 || bytes > 1024 * 1024) {
      events.push([]);
      bytes = eventBytes([record]);
    }
    events.at(-1)!.push(record);
  }
  return events;
}

/** What an event of records comes to at most: an id, a time and the names stand around each payload. */
function eventBytes(records: readonly FailedRecord[]): number {
  return records.reduce((sum, { data }) => sum + data.length + 100, 1000);
}
