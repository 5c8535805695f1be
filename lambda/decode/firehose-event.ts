import { FlowError } from '../common/errors.ts';

/** One record of a Firehose transformation event, as far as it is relied on. */
export interface EventRecord {
  readonly recordId: string;
  readonly data: unknown;
  /** When Firehose took the record in, in epoch seconds; undefined when the event does not say. */
  readonly arrival: number | undefined;
}

/** Which lines of each record are asked for: from the one with this number on, at most so many. */
export interface PassOn {
  readonly from: number;
  readonly lines: number;
}

/** A Firehose transformation event, as far as it is relied on. */
export interface TransformationEvent {
  readonly records: readonly EventRecord[];
  readonly origin: Origin;
  /**
   * Asks to decode and not to count: what was counted and found no room in an answer is asked for in parts. It stands
   * beside the records, where only who may invoke the function can put it: no producer's record can evade counting.
   */
  readonly passOn: PassOn | undefined;
}

/**
 * Reads a transformation event (Firehose Developer Guide, "Data transformation"). Only what no answer can do without is
 * asked for: a list of records, each with a recordId.
 *
 * @throws FlowError `EVENT_INVALID` when there is no such list, or `passOn` is there and is none
 */
export function readEvent(event: unknown): TransformationEvent {
  const { records, region, deliveryStreamArn, passOn } = (event ?? {}) as Record<string, unknown>;
  if (!Array.isArray(records)) throw invalid('it has no list of records');
  return {
    records: records.map(readRecord),
    origin: {
      account: matching(deliveryStreamArn, /^arn:[\w-]+:firehose:[\w-]*:(\d{12}):/),
      region: matching(region, /^([a-z]{2,}(?:-[a-z]+)+-\d)$/),
    },
    passOn: passOn === undefined ? undefined : readPassOn(passOn),
  };
}

function readRecord(record: unknown, index: number): EventRecord {
  const { recordId, data, approximateArrivalTimestamp } = (record ?? {}) as Record<string, unknown>;
  if (typeof recordId !== 'string') throw invalid(`records[${index}].recordId is no text`);
  const isNumber = ['number', 'string'].includes(typeof approximateArrivalTimestamp);
  const milliseconds = isNumber ? Number(approximateArrivalTimestamp) : 0;
  const isTime = milliseconds > 0 && milliseconds < 1e14;
  return { recordId, data, arrival: isTime ? Math.floor(milliseconds / 1000) : undefined };
}

function readPassOn(passOn: unknown): PassOn {
  const { from, lines } = (passOn ?? {}) as Record<string, unknown>;
  if (!isCount(from) || !isCount(lines)) throw invalid('passOn has no numbers from and lines');
  return { from, lines };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' ? pattern.exec(value)?.[1] : undefined;
}

function invalid(what: string): FlowError {
  return new FlowError('EVENT_INVALID', `this is no Firehose transformation event: ${what}`);
}

/** A payload as text. Firehose's always are text; of anything else, its JSON, and nothing where it has none. */
export function payloadText(data: unknown): string {
  if (typeof data === 'string') return data;
  try {
    return JSON.stringify(data) ?? '';
  } catch {
    return '';
  }
}

/** Where a batch came from. */
export interface Origin {
  /** The delivery stream's account, as twelve digits; undefined where its ARN is no such. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}
