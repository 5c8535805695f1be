import pMap from 'p-map';
import { type FirehoseEvent, firehoseEvent, maxEventBytes, type SourceRecord } from './firehose-event.ts';

/** How a delivery stream is set up (Firehose Developer Guide, "Data transformation" and "Quotas"). */
export interface FirehoseOptions {
  /** A batch is cut when its payloads have this many bytes (Firehose: 0.2 to 3 MB, 1 by default), */
  readonly bufferBytes: number;
  /** or when its first record is this many seconds old (0 to 900, 60 by default). */
  readonly bufferSeconds: number;
  /** How often a batch is sent again after its invocation failed (3). */
  readonly retries: number;
  /** Invocations under way at once. */
  readonly concurrency: number;
  /** Whether a batch that is sent again has the same record ids and invocation id: unconfirmed, so both must do. */
  readonly idsOnRetry: 'same' | 'new';
}

export const defaultFirehoseOptions: FirehoseOptions = {
  bufferBytes: 1024 * 1024,
  bufferSeconds: 60,
  retries: 3,
  concurrency: 1,
  idsOnRetry: 'same',
};

/** A record that could not be delivered, as Firehose writes it under the error prefix: JSON, a line each. */
export interface ErrorRecord {
  readonly attemptsMade: number;
  /** Epoch milliseconds. */
  readonly arrivalTimestamp: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** When the last try ended, in epoch milliseconds: the same for all records of a batch. */
  readonly attemptEndingTimestamp: number;
  /** The payload in base64, as it came. */
  readonly rawData: string;
  /** Which function. The guide has `lambdaArn`; objects that people show have `lambdaARN`. */
  readonly lambdaARN: string;
}

const lambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:flow-sentinel:$LATEST';

/** How long a try takes here, in milliseconds. */
const attemptMilliseconds = 1000;

/** Where the stream delivers. Each record that goes in comes out by exactly one of these. */
export interface FirehoseOutput {
  /** A record that was transformed, with what it became. */
  delivered(data: Buffer, source: SourceRecord): void;
  /** A record that the function dropped. */
  dropped(source: SourceRecord): void;
  /** A record that the function could not transform, or one of a batch that was given up. */
  failed(error: ErrorRecord, source: SourceRecord): void;
}

/** Invokes the function; a rejection is an invocation that failed or timed out. */
export type Invoke = (event: FirehoseEvent) => Promise<unknown>;

interface Batch {
  readonly first: number;
  readonly records: readonly SourceRecord[];
}

/** Runs records through a delivery stream with a function, as Firehose does, and ends when all have come out. */
export async function runFirehose(
  source: Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
  invoke: Invoke,
  output: FirehoseOutput,
  options: FirehoseOptions = defaultFirehoseOptions,
): Promise<void> {
  await pMap(cut(source, options), (batch) => deliver(batch, invoke, output, options), {
    concurrency: options.concurrency,
  });
}

/** Cuts a stream of records into batches, by size and by time of arrival. */
async function* cut(
  source: Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
  { bufferBytes, bufferSeconds }: FirehoseOptions,
): AsyncGenerator<Batch> {
  let records: SourceRecord[] = [];
  let [first, payloadBytes, eventBytes] = [0, 0, 0];
  for await (const record of source) {
    const size = recordBytes(record);
    const isFull =
      payloadBytes + record.data.length > bufferBytes ||
      eventBytes + size > maxEventBytes - envelopeBytes ||
      record.arrival - (records[0]?.arrival ?? record.arrival) >= bufferSeconds * 1000;
    if (isFull && records.length > 0) {
      yield { first, records };
      first += records.length;
      [records, payloadBytes, eventBytes] = [[], 0, 0];
    }
    records.push(record);
    payloadBytes += record.data.length;
    eventBytes += size;
  }
  if (records.length > 0) yield { first, records };
}

/** What an event has around its records, and a record around its payload, at most. */
const envelopeBytes = 1000;
const recordBytes = ({ data }: SourceRecord) => 4 * Math.ceil(data.length / 3) + 150;

async function deliver(batch: Batch, invoke: Invoke, output: FirehoseOutput, options: FirehoseOptions): Promise<void> {
  const give = (code: string, message: string, attempts: number, records = batch.records) => {
    const ended = batch.records.at(-1)!.arrival + attempts * attemptMilliseconds;
    for (const source of records) output.failed(errorRecord(source, code, message, attempts, ended), source);
  };
  for (let attempt = 0; ; attempt += 1) {
    const event = firehoseEvent(batch.records, batch.first, options.idsOnRetry === 'new' ? attempt : 0);
    let answer: unknown;
    try {
      answer = await invoke(event);
    } catch (error) {
      if (attempt < options.retries) continue;
      return give('Lambda.FunctionError', error instanceof Error ? error.message : String(error), attempt + 1);
    }
    const answers = readAnswer(answer, event);
    // An answer that is none is not asked for again.
    if (typeof answers === 'string') return give('Lambda.InvalidAnswer', answers, attempt + 1);
    for (const [index, { result, data }] of answers.entries()) {
      const source = batch.records[index]!;
      if (result === 'Ok') output.delivered(Buffer.from(data, 'base64'), source);
      else if (result === 'Dropped') output.dropped(source);
      else give('Lambda.ProcessingFailedStatus', 'ProcessingFailed status set for record', attempt + 1, [source]);
    }
    return;
  }
}

function errorRecord(
  source: SourceRecord,
  errorCode: string,
  errorMessage: string,
  attemptsMade: number,
  attemptEndingTimestamp: number,
): ErrorRecord {
  return {
    attemptsMade,
    arrivalTimestamp: source.arrival,
    errorCode,
    errorMessage,
    attemptEndingTimestamp,
    rawData: source.data.toString('base64'),
    lambdaARN,
  };
}

interface Answer {
  readonly recordId: string;
  readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
  readonly data: string;
}

/** The answers in the records' order, or what is wrong with them: every recordId once, a known result, and not too long. */
function readAnswer(answer: unknown, event: FirehoseEvent): Answer[] | string {
  const records = (answer as { records?: unknown } | null)?.records;
  if (!Array.isArray(records)) return 'the answer has no records';
  if (!isSurelyShort(answer as object, records) && Buffer.byteLength(JSON.stringify(answer)) > maxEventBytes)
    return 'the answer is too long';
  const byId = new Map((records as Answer[]).map((record) => [record?.recordId, record]));
  if (byId.size !== records.length) return 'the answer has a recordId twice';
  const answers = event.records.map(({ recordId }) => byId.get(recordId));
  if (records.length !== answers.length) return `the answer has ${records.length} records, expected ${answers.length}`;
  for (const [index, one] of answers.entries()) {
    if (!one) return `the answer lacks the recordId ${event.records[index]!.recordId}`;
    if (!['Ok', 'Dropped', 'ProcessingFailed'].includes(one.result))
      return `the answer has the result ${JSON.stringify(one.result)}`;
    if (one.result === 'Ok' && typeof one.data !== 'string') return 'the answer has an Ok record without data';
  }
  return answers as Answer[];
}

/**
 * Whether an answer is certain to fit, without writing it as JSON: a character has six bytes at most, and what stands
 * around a record's texts less than a hundred.
 */
function isSurelyShort(answer: object, records: readonly unknown[]): boolean {
  if (Object.keys(answer).length > 1) return false;
  let most = 100;
  for (const record of records) {
    const { recordId, result, data, ...more } = (record ?? {}) as Record<string, unknown>;
    const isUsual = typeof recordId === 'string' && typeof result === 'string' && typeof data === 'string';
    if (!isUsual || Object.keys(more).length > 0) return false;
    most += 100 + 6 * (recordId.length + result.length + data.length);
  }
  return most <= maxEventBytes;
}
