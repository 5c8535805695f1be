import pMap from 'p-map';
import { type FirehoseEvent, firehoseEvent, maxEventBytes, type SourceRecord } from './firehose-event.ts';

/** The settings of a delivery stream (Firehose Developer Guide, "Data transformation" and "Quotas"). */
export interface FirehoseOptions {
  /** A batch ends when its payloads have this many bytes (Firehose: 0.2 to 3 MB, default: 1 MB), */
  readonly bufferBytes: number;
  /** or when its first record is this many seconds old (Firehose: 0 to 900, default: 60). */
  readonly bufferSeconds: number;
  /** How often a failed invocation is retried (Firehose: 3). */
  readonly retries: number;
  /** Maximum number of concurrent invocations. */
  readonly concurrency: number;
  /** Whether a retry has the same record ids and invocation id. AWS does not document it, so both must work. */
  readonly idsOnRetry: 'same' | 'new';
}

export const defaultFirehoseOptions: FirehoseOptions = {
  bufferBytes: 1024 * 1024,
  bufferSeconds: 60,
  retries: 3,
  concurrency: 1,
  idsOnRetry: 'same',
};

/** A failed record, as Firehose writes it under the error prefix: one line of JSON each. */
export interface ErrorRecord {
  readonly attemptsMade: number;
  /** Epoch milliseconds. */
  readonly arrivalTimestamp: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** When the last attempt ended, in epoch milliseconds: the same for all records of a batch. */
  readonly attemptEndingTimestamp: number;
  /** The unchanged payload in base64. */
  readonly rawData: string;
  /** The function. The guide has `lambdaArn`; published error objects have `lambdaARN`. */
  readonly lambdaARN: string;
}

const lambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:flow-sentinel:$LATEST';

/** The simulated duration of an attempt. */
const attemptMilliseconds = 1000;

/** The destination of a stream. Each record goes to exactly one of these methods. */
export interface FirehoseOutput {
  /** Receives a transformed record and its new data. */
  delivered(data: Buffer, source: SourceRecord): void;
  /** Receives a record that the function dropped. */
  dropped(source: SourceRecord): void;
  /** Receives a record that the function could not transform, or of a batch whose retries are exhausted. */
  failed(error: ErrorRecord, source: SourceRecord): void;
}

/** Invokes the function; rejects if the invocation fails or times out. */
export type Invoke = (event: FirehoseEvent) => Promise<unknown>;

interface Batch {
  readonly first: number;
  readonly records: readonly SourceRecord[];
}

/** Sends records through a delivery stream with a transformation function; resolves when all are at the destination. */
export async function runFirehose(
  source: Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
  invoke: Invoke,
  output: FirehoseOutput,
  options: FirehoseOptions = defaultFirehoseOptions,
): Promise<void> {
  await pMap(batchesOf(source, options), (batch) => deliver(batch, invoke, output, options), {
    concurrency: options.concurrency,
  });
}

/** Splits a stream of records into batches, by size and by time of arrival. */
export async function* batchesOf(
  source: Iterable<SourceRecord> | AsyncIterable<SourceRecord>,
  { bufferBytes, bufferSeconds }: FirehoseOptions = defaultFirehoseOptions,
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

/** Upper bounds of the bytes of an event besides its records, and of a record as JSON. */
const envelopeBytes = 1000;
const recordBytes = ({ data }: SourceRecord) => 4 * Math.ceil(data.length / 3) + 150;

async function deliver(batch: Batch, invoke: Invoke, output: FirehoseOutput, options: FirehoseOptions): Promise<void> {
  const fail = (code: string, message: string, attempts: number, records = batch.records) => {
    const ended = batch.records.at(-1)!.arrival + attempts * attemptMilliseconds;
    for (const source of records) output.failed(errorRecord(source, code, message, attempts, ended), source);
  };
  for (let attempt = 0; ; attempt += 1) {
    const event = firehoseEvent(batch.records, batch.first, options.idsOnRetry === 'new' ? attempt : 0);
    let response: unknown;
    try {
      response = await invoke(event);
    } catch (error) {
      if (attempt < options.retries) continue;
      return fail('Lambda.FunctionError', error instanceof Error ? error.message : String(error), attempt + 1);
    }
    const answers = readResponse(response, event);
    // Firehose does not retry an invalid response.
    if (typeof answers === 'string') return fail('Lambda.InvalidAnswer', answers, attempt + 1);
    for (const [index, { result, data }] of answers.entries()) {
      const source = batch.records[index]!;
      if (result === 'Ok') output.delivered(Buffer.from(data, 'base64'), source);
      else if (result === 'Dropped') output.dropped(source);
      else fail('Lambda.ProcessingFailedStatus', 'ProcessingFailed status set for record', attempt + 1, [source]);
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

/**
 * Reads a response: every recordId once, a known result, within the size limit. Returns the answers in the order of the
 * records, or the problem.
 */
function readResponse(response: unknown, event: FirehoseEvent): Answer[] | string {
  const records = (response as { records?: unknown } | null)?.records;
  if (!Array.isArray(records)) return 'the response has no records';
  if (!isSurelyShort(response as object, records) && Buffer.byteLength(JSON.stringify(response)) > maxEventBytes)
    return 'the response is too long';
  const byId = new Map((records as Answer[]).map((record) => [record?.recordId, record]));
  if (byId.size !== records.length) return 'the response has a recordId twice';
  const answers = event.records.map(({ recordId }) => byId.get(recordId));
  if (records.length !== answers.length)
    return `the response has ${records.length} records, expected ${answers.length}`;
  for (const [index, record] of answers.entries()) {
    if (!record) return `the response lacks the recordId ${event.records[index]!.recordId}`;
    if (!['Ok', 'Dropped', 'ProcessingFailed'].includes(record.result))
      return `the response has the result ${JSON.stringify(record.result)}`;
    if (record.result === 'Ok' && typeof record.data !== 'string') return 'the response has an Ok record without data';
  }
  return answers as Answer[];
}

/**
 * Returns whether a response is certain to fit, without writing it as JSON: a character has at most six bytes, and the
 * JSON around a record's texts less than a hundred.
 */
function isSurelyShort(response: object, records: readonly unknown[]): boolean {
  if (Object.keys(response).length > 1) return false;
  let maxBytes = 100;
  for (const record of records) {
    const { recordId, result, data, ...more } = (record ?? {}) as Record<string, unknown>;
    const isRecord = typeof recordId === 'string' && typeof result === 'string' && typeof data === 'string';
    if (!isRecord || Object.keys(more).length > 0) return false;
    maxBytes += 100 + 6 * (recordId.length + result.length + data.length);
  }
  return maxBytes <= maxEventBytes;
}
