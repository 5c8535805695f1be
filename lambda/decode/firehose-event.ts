import { FlowError } from '../common/errors.ts';

/** One record of a Firehose transformation event: the keys that this function reads. */
export interface EventRecord {
  readonly recordId: string;
  /** The payload in base64. A replay has its bytes, as a Uint8Array. */
  readonly data: unknown;
  /** The record's arrival at Firehose in epoch seconds; undefined if the event has no valid time. */
  readonly arrival: number | undefined;
}

/** The lines of each record to return: at most `lines` of them, from the line with the number `from`, counted from 0. */
export interface PassOn {
  readonly from: number;
  readonly lines: number;
}

/** A Firehose transformation event: the keys that this function reads. */
export interface TransformationEvent {
  readonly records: readonly EventRecord[];
  readonly origin: Origin;
  /**
   * Asks to decode without counting: returns records in parts that were counted but did not fit into a response. Only a
   * caller of the function can set this key of the event, so no producer's record can evade counting.
   */
  readonly passOn: PassOn | undefined;
  /**
   * Says that records may arrive long after their flows: windows of any past time count. Only a caller of the function
   * can set this key, so no producer's record is a backfill.
   */
  readonly backfill: boolean;
  /**
   * Says that Firehose gave the batch up earlier: a former version of the function may have counted a part of it under a
   * token of another form. Only a caller of the function can set this key.
   */
  readonly redrive: boolean;
}

/**
 * Reads a transformation event (Firehose Developer Guide, "Data transformation"). Only the keys that every response
 * needs are required: a list of records, each with a recordId.
 *
 * @throws FlowError `EVENT_INVALID` if the list, `passOn`, `backfill` or `redrive` is invalid, or the list is missing
 */
export function readEvent(event: unknown): TransformationEvent {
  const { records, region, deliveryStreamArn, passOn, ...flags } = (event ?? {}) as Record<string, unknown>;
  const { backfill = false, redrive = false } = flags;
  if (!Array.isArray(records)) throw invalid('records must be a list');
  if (typeof backfill !== 'boolean') throw invalid('backfill must be true or false');
  if (typeof redrive !== 'boolean') throw invalid('redrive must be true or false');
  return {
    records: records.map(readRecord),
    origin: {
      account: matching(deliveryStreamArn, /^arn:[\w-]+:firehose:[\w-]*:(\d{12}):/),
      region: matching(region, /^([a-z]{2,}(?:-[a-z]+)+-\d)$/),
    },
    passOn: passOn === undefined ? undefined : readPassOn(passOn),
    backfill,
    redrive,
  };
}

function readRecord(record: unknown, index: number): EventRecord {
  const { recordId, data, approximateArrivalTimestamp } = (record ?? {}) as Record<string, unknown>;
  if (typeof recordId !== 'string') throw invalid(`records[${index}].recordId must be text`);
  const isNumber = typeof approximateArrivalTimestamp === 'number' || typeof approximateArrivalTimestamp === 'string';
  return { recordId, data, arrival: arrivalSeconds(isNumber ? Number(approximateArrivalTimestamp) : 0) };
}

/** Returns an arrival in epoch seconds; undefined if it is not a time. */
export function arrivalSeconds(milliseconds: number): number | undefined {
  return milliseconds > 0 && milliseconds < 1e14 ? Math.floor(milliseconds / 1000) : undefined;
}

function readPassOn(passOn: unknown): PassOn {
  const { from, lines } = (passOn ?? {}) as Record<string, unknown>;
  if (!isCount(from) || !isCount(lines)) throw invalid('passOn must have the numbers from and lines');
  return { from, lines };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' ? pattern.exec(value)?.[1] : undefined;
}

function invalid(problem: string): FlowError {
  return new FlowError('EVENT_INVALID', `the event is not a Firehose transformation event: ${problem}`);
}

/** Returns a payload as the text that Firehose sends. Bytes become base64; any other value its JSON, or empty text. */
export function payloadText(data: unknown): string {
  if (typeof data === 'string') return data;
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64');
  try {
    return JSON.stringify(data) ?? '';
  } catch {
    return '';
  }
}

/** The origin of a batch. */
export interface Origin {
  /** The account of the delivery stream, twelve digits; undefined if its ARN is missing or invalid. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}
