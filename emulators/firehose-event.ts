import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { chunked } from '../lambda/common/chunked.ts';
import type { Origin } from '../lambda/decode/firehose-event.ts';
import { maxResponseBytes } from '../lambda/respond/respond.ts';
import type { EnvelopeName } from './envelope-names.ts';

/** A Firehose transformation event with all fields that Lambda receives. */
export interface FirehoseEvent {
  readonly invocationId: string;
  readonly deliveryStreamArn: string;
  readonly region: string;
  readonly records: readonly { recordId: string; approximateArrivalTimestamp: number; data: string }[];
  /** Never set by Firehose: see lambda/decode/firehose-event.ts. */
  readonly backfill?: true;
}

/** The maximum size of an event as JSON: Lambda's limit for a synchronous call, which applies to request and response. */
export const maxEventBytes = maxResponseBytes;

/** The example account of AWS's documentation. */
const account = '123456789012';
const region = 'us-east-1';
const stream = 'flow-sentinel';

/** The origin that readEvent reads in each event of this file. */
export const streamOrigin: Origin = { account, region };

const firstSequenceNumber = 49_546_986_683_135_544_286_507_457_936_321_625_675_700_192_471_156_785_154n;

/**
 * Wraps lines into Firehose records: `json`, one line per record, as VPC Flow Logs sends them; `text`, one bare line per
 * record; `cloudwatch`, gzip batches of up to 500 lines, as a CloudWatch Logs subscription sends them.
 *
 * @param arrival epoch milliseconds
 */
export function wrapLines(lines: readonly string[], envelope: EnvelopeName, arrival: number): SourceRecord[] {
  return payloadsOf(lines, envelope, arrival).map((data) => ({ data, arrival }));
}

function payloadsOf(lines: readonly string[], envelope: EnvelopeName, arrival: number): Buffer[] {
  switch (envelope) {
    case 'json':
      return lines.map((line) => Buffer.from(`${JSON.stringify({ message: line })}\n`));
    case 'text':
      return lines.map((line) => Buffer.from(`${line}\n`));
    case 'cloudwatch':
      return chunked(lines, 500).map((chunk) => gzipSync(JSON.stringify(logsBatch(chunk, arrival))));
  }
}

/** A record as a producer sends it to the stream. */
export interface SourceRecord {
  readonly data: Buffer;
  /** When Firehose received the record, in epoch milliseconds. */
  readonly arrival: number;
}

/**
 * Builds an event from records. The same arguments give the same event.
 *
 * @param first index of the first record in the stream, so that record ids differ between events
 * @param attempt a number that gives the same records different ids
 */
export function firehoseEvent(source: readonly SourceRecord[], first = 0, attempt = 0): FirehoseEvent {
  const records = source.map(({ data, arrival }, index) => ({
    recordId: `${firstSequenceNumber + BigInt(first + index)}${String(attempt).padStart(6, '0')}`,
    approximateArrivalTimestamp: arrival,
    data: data.toString('base64'),
  }));
  const hash = createHash('sha256').update(JSON.stringify(records)).digest('hex');
  return {
    invocationId: [
      hash.slice(0, 8),
      hash.slice(8, 12),
      hash.slice(12, 16),
      hash.slice(16, 20),
      hash.slice(20, 32),
    ].join('-'),
    deliveryStreamArn: `arn:aws:firehose:${region}:${account}:deliverystream/${stream}`,
    region,
    records,
  };
}

/** Builds a subscription's batch with one line per log event (CloudWatch Logs User Guide, "Subscription filters"). */
function logsBatch(lines: readonly string[], arrival: number) {
  return {
    messageType: 'DATA_MESSAGE',
    owner: account,
    logGroup: 'vpc-flow-logs',
    logStream: 'eni-0a1b2c3d4e5f60718-all',
    subscriptionFilters: ['flow-sentinel'],
    logEvents: lines.map((message, index) => ({
      id: `${firstSequenceNumber + BigInt(index)}`,
      timestamp: arrival,
      message,
    })),
  };
}
