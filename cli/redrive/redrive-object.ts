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
  /** How long the table retains a counter after its last flow, and remembers a batch after its arrival. */
  readonly retentionSeconds: number;
}

export interface RedrivePorts {
  readonly lake: Lake;
  readonly invoke: Invoke;
  /** In epoch seconds. */
  now(): number;
}

/** The numbers of batches and records of a run, by their result. */
export interface RedriveSummary {
  /** Batches that the function counted, and their records. */
  batchesCounted: number;
  recordsCounted: number;
  /** Records that were decoded and stored without counting. */
  recordsPassedOn: number;
  /** Records of batches that an earlier run had finished. */
  recordsDone: number;
  recordsUnreadable: number;
  /** What stays where it is, for a choice of `expired`. */
  batchesLeft: number;
  recordsLeft: number;
}

export function emptySummary(): RedriveSummary {
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

/** The prefix of records that the function did not transform (lib/lake/lake-bucket.ts). */
export const failedPrefix = 'errors/processing-failed/';
/** The prefixes of unchanged records without a readable line, and of markers of late batches that are being counted. */
export const unreadablePrefix = 'errors/unreadable/';
export const begunPrefix = 'errors/redrive-begun/';

/** The maximum time of an invocation, in seconds. */
const invocationSeconds = 300;

/**
 * Returns whether the function would get a batch while the table remembers it: as long as it retains counters after their
 * last flow. A batch that is too large for an event is cut, and the table does not know its parts.
 *
 * @param now,retentionSeconds in epoch seconds, and in seconds
 */
export function isInTime({ records }: GivenUpBatch, now: number, retentionSeconds: number): boolean {
  const arrival = Math.max(...records.map((record) => record.arrival)) / 1000;
  return now + invocationSeconds <= arrival + retentionSeconds && eventBytes(records) < maxResponseBytes;
}

/** Returns the text of an object of the lake, compressed or not. */
export function textOfObject(body: Uint8Array): string {
  const bytes = Buffer.from(body);
  return (isGzip(bytes) ? gunzipSync(bytes) : bytes).toString();
}

/**
 * Reprocesses one error object, and removes it. The keys of the written objects are hashes of their content, and the error
 * object is removed last. So a stopped run can be repeated: each record is written to the lake once, and a batch that the
 * table remembers is counted once.
 *
 * @throws the error of the lake or of `invoke`; the error object then remains
 */
export async function redriveObject(
  key: string,
  settings: RedriveSettings,
  ports: RedrivePorts,
  summary: RedriveSummary,
): Promise<void> {
  const { lake } = ports;
  const { answered, batches, unknown } = readErrorObject(textOfObject(await lake.read(key)));
  const place = key.slice(failedPrefix.length).replace(/\.gz$/, '');
  const run = new ObjectRun(place, settings, ports, summary);
  const left: FailedRecord[] = [];
  for (const batch of batches) if (!(await run.redriveBatch(batch))) left.push(...batch.records);
  if (settings.overflowed === 'count') {
    for (const records of eventsOf(answered)) if (!(await run.countOnce(records))) left.push(...records);
  } else if (answered.length > 0) await run.passOn(answered);
  if (unknown.length > 0) {
    await lake.write(`${unreadablePrefix}${place}.unknown.json`, `${unknown.join('\n')}\n`);
    summary.recordsUnreadable += unknown.length;
  }
  if (left.length === 0) await lake.remove(key);
  else if (left.length < answered.length + unknown.length + recordsOf(batches)) await lake.write(key, linesOf(left));
}

class ObjectRun {
  readonly #place: string;
  readonly #settings: RedriveSettings;
  readonly #ports: RedrivePorts;
  readonly #summary: RedriveSummary;

  constructor(place: string, settings: RedriveSettings, ports: RedrivePorts, summary: RedriveSummary) {
    this.#place = place;
    this.#settings = settings;
    this.#ports = ports;
    this.#summary = summary;
  }

  /** Returns whether the batch is done; the error object keeps a batch that is not done. */
  async redriveBatch(batch: GivenUpBatch): Promise<boolean> {
    const { records } = batch;
    const { expired, retentionSeconds } = this.#settings;
    if (isInTime(batch, this.#ports.now(), retentionSeconds)) {
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
   * Counts records at most once that the table does not remember: writes a marker before the invocation. Returns whether
   * the records are done; false if an earlier run wrote the marker and stopped.
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

  /** Returns whether an earlier run wrote the output: it is written after the count. */
  async #isDone(records: readonly FailedRecord[]): Promise<boolean> {
    const isDone = await this.#ports.lake.exists(this.#outputKey(records));
    if (isDone) this.#summary.recordsDone += records.length;
    return isDone;
  }

  #leave(records: readonly FailedRecord[]): boolean {
    this.#summary.batchesLeft += 1;
    this.#summary.recordsLeft += records.length;
    return false;
  }

  /**
   * Counts a batch, then stores the records that the function did not return decoded.
   *
   * @param notRun called if Lambda did not run the function, so that nothing was counted
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
    this.#summary.batchesCounted += 1;
    this.#summary.recordsCounted += records.length - rest.unreadable.length;
  }

  /** Writes the decoded lines of records to the lake without counting them. */
  async passOn(records: readonly FailedRecord[]): Promise<void> {
    const passedOn = await passOn(records, this.#settings.origin, this.#ports.invoke);
    await this.#write(records, passedOn);
    this.#summary.recordsPassedOn += records.length - passedOn.unreadable.length;
  }

  /** Writes the unreadable records first: the object of the decoded lines marks the records as done. */
  async #write(records: readonly FailedRecord[], { text, unreadable }: PassedOn): Promise<void> {
    const { lake } = this.#ports;
    if (unreadable.length > 0) {
      await lake.write(`${unreadablePrefix}${this.#place}.${contentHash(records)}.json`, linesOf(unreadable));
      this.#summary.recordsUnreadable += unreadable.length;
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

/** Divides records into events of up to a MiB of base64; a longer record is an event by itself. */
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

/** Returns an upper bound of an event's size: each payload has an id, a time and the names of its fields. */
function eventBytes(records: readonly FailedRecord[]): number {
  return records.reduce((sum, { data }) => sum + data.length + 100, 1000);
}
