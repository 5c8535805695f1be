import { payloadText } from '../decode/firehose-event.ts';
import { isCounted } from '../flow-log/contribution.ts';
import type { Network } from '../networks/ip-address.ts';
import type { Line } from '../parse/parse-line.ts';
import type { ReadRecord } from '../parse/read-records.ts';
import { FlowJson } from './flow-json.ts';
import { type LakePartition, partitionOf } from './lake-partition.ts';
import { toLakeRow } from './lake-row.ts';

/**
 * One record of the response (Firehose Developer Guide, "Data transformation and status model"). `metadata` has the
 * partition key if the lake has partitions besides days. The key is never empty (same guide, "Create partitioning keys
 * with an AWS Lambda function").
 */
export interface TransformedRecord {
  readonly recordId: string;
  readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
  readonly data: string;
  readonly metadata?: { readonly partitionKeys: Readonly<Record<string, string>> };
}

export interface RespondOptions {
  /** Maximum size of the response as JSON (default: Lambda's limit). */
  readonly maxBytes?: number;
  /** The partition of the lake (default: by day, without partition keys). */
  readonly lakePartition?: LakePartition;
}

/** The response to a batch, and the number of decoded records that did not fit. */
export interface TransformationResponse {
  readonly records: TransformedRecord[];
  readonly overflowed: number;
}

/** Lambda's limit of a synchronous response (Firehose Developer Guide, "Data transformation", 6 MB both ways). */
export const maxResponseBytes = 6_291_556;

/**
 * Makes the response to a batch, with every record once and in order. A decoded record becomes JSON lines, including its
 * unreadable lines with their reasons. A failed record is returned unchanged as ProcessingFailed.
 *
 * The response never exceeds its limit. It always fits with all records unchanged, since the event did. Records are
 * re-encoded in order until the limit is reached; the others are returned unchanged as ProcessingFailed, although their
 * flows are counted. Firehose stores them under the error prefix (see decision 0002). An attempt of the same batch
 * overflows at the same record, so no flow is counted twice.
 */
export function respond(
  records: readonly ReadRecord[],
  monitoredNetworks: readonly Network[],
  { maxBytes = maxResponseBytes, lakePartition = 'date' }: RespondOptions = {},
): TransformationResponse {
  const unchanged = records.map(unchangedRecord);
  const sizes = unchanged.map(sizeOf);
  let bytes = '{"records":[]}'.length + sizes.reduce((sum, size) => sum + size, 0);
  let overflowed = 0;
  const json = new FlowJson();
  const transformed = records.map(({ recordId, outcome }, index) => {
    const original = unchanged[index]!;
    if (outcome.kind !== 'lines') return original;
    const { lines } = outcome;
    const data = encodeLines(lines, monitoredNetworks, maxBytes - bytes + sizes[index]!, json);
    const ok: TransformedRecord = { recordId, result: 'Ok', data: data ?? '' };
    const encoded =
      lakePartition === 'date'
        ? ok
        : { ...ok, metadata: { partitionKeys: { [lakePartition]: partitionOf(lines, lakePartition) } } };
    // Both have the same id.
    const growth = sizeBesidesId(encoded) - sizeBesidesId(original);
    if (data === undefined || bytes + growth > maxBytes) {
      overflowed += 1;
      return original;
    }
    bytes += growth;
    return encoded;
  });
  return { records: transformed, overflowed };
}

/** Encodes the lines of a record as rows of the lake in base64; undefined if the rows exceed `maxLength` bytes. */
function encodeLines(
  lines: readonly Line[],
  monitoredNetworks: readonly Network[],
  maxLength: number,
  json: FlowJson,
): string | undefined {
  json.clear();
  for (const line of lines) {
    const ascii = line.kind === 'flow' ? line.flow.source.ascii : undefined;
    if (line.kind !== 'flow' || !ascii) return encodeLinesSlowly(lines, monitoredNetworks, maxLength);
    json.add(line.flow, ascii, isCounted(line.flow, monitoredNetworks));
    if (json.length > maxLength) return undefined;
  }
  return json.toBase64();
}

/** The slow path of encodeLines, for any lines; `maxLength` is in characters here. */
function encodeLinesSlowly(
  lines: readonly Line[],
  monitoredNetworks: readonly Network[],
  maxLength: number,
): string | undefined {
  let text = '';
  for (const line of lines) {
    text += toLakeRow(line, monitoredNetworks);
    if (text.length > maxLength) return undefined;
  }
  return Buffer.from(text).toString('base64');
}

/** Returns a record with its original payload, or without one if it was dropped. */
function unchangedRecord({ recordId, data, outcome }: ReadRecord): TransformedRecord {
  if (outcome.kind === 'dropped') return { recordId, result: 'Dropped', data: '' };
  return { recordId, result: 'ProcessingFailed', data: typeof data === 'string' ? data : jsonAsBase64(data) };
}

/** Encodes a payload that is not text as base64 of its JSON. Firehose sends only text, but no data must be lost. */
function jsonAsBase64(data: unknown): string {
  return Buffer.from(payloadText(data)).toString('base64');
}

/** Returns the bytes of a record in the response, including the comma after it. All but the id is ASCII. */
function sizeOf(record: TransformedRecord): number {
  const { recordId } = record;
  const isPlain = /^[\w-]*$/.test(recordId);
  return sizeBesidesId(record) + (isPlain ? recordId.length + 2 : Buffer.byteLength(JSON.stringify(recordId)));
}

function sizeBesidesId({ result, data, metadata }: TransformedRecord): number {
  const metadataSize = metadata === undefined ? 0 : ',"metadata":'.length + JSON.stringify(metadata).length;
  return '{"recordId":,"result":"","data":""},'.length + result.length + data.length + metadataSize;
}
