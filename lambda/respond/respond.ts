import { payloadText } from '../decode/firehose-event.ts';
import { isPartOfPair } from '../flow-log/contribution-column.ts';
import { linesOf, type ReadRecord } from '../parse/read-records.ts';
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
 *
 * @param contributions what the flow of each row is for its pair: see contributionColumn
 */
export function respond(
  records: readonly ReadRecord[],
  contributions: Uint8Array,
  { maxBytes = maxResponseBytes, lakePartition = 'date' }: RespondOptions = {},
): TransformationResponse {
  let bytes = '{"records":[]}'.length;
  for (const record of records) bytes += sizeOfId(record) + unchangedSize(record);
  let overflowed = 0;
  const json = new FlowJson();
  const transformed = records.map((record) => {
    if (record.outcome.kind !== 'lines') return unchangedRecord(record);
    // Both forms of the record have the same id.
    const maxSize = maxBytes - bytes + unchangedSize(record);
    const encoded = encodedRecord(record, contributions, maxSize, lakePartition, json);
    if (!encoded) {
      overflowed += 1;
      return unchangedRecord(record);
    }
    bytes += sizeBesidesId(encoded) - unchangedSize(record);
    return encoded;
  });
  return { records: transformed, overflowed };
}

/** Returns a record with its lines as rows of the lake; undefined if it takes more than `maxSize` bytes besides its id. */
function encodedRecord(
  record: ReadRecord,
  contributions: Uint8Array,
  maxSize: number,
  lakePartition: LakePartition,
  json: FlowJson,
): TransformedRecord | undefined {
  const data = encodeLines(record, contributions, maxSize, json);
  if (data === undefined) return undefined;
  const { recordId } = record;
  const encoded: TransformedRecord =
    lakePartition === 'date'
      ? { recordId, result: 'Ok', data }
      : {
          recordId,
          result: 'Ok',
          data,
          metadata: { partitionKeys: { [lakePartition]: partitionOf(record, lakePartition) } },
        };
  return sizeBesidesId(encoded) > maxSize ? undefined : encoded;
}

/** Encodes the lines of a record as rows of the lake in base64; undefined if the rows exceed `maxLength` bytes. */
function encodeLines(
  record: ReadRecord,
  contributions: Uint8Array,
  maxLength: number,
  json: FlowJson,
): string | undefined {
  const { outcome, rows, fromRow, toRow } = record;
  if (outcome.kind === 'lines' && outcome.others) return encodeLinesSlowly(record, contributions, maxLength);
  json.clear();
  for (let row = fromRow; row < toRow; row += 1) {
    if (!json.add(rows, row, isPartOfPair(contributions[row]!))) {
      return encodeLinesSlowly(record, contributions, maxLength);
    }
    if (json.length > maxLength) return undefined;
  }
  return json.toBase64();
}

/** The slow path of encodeLines, for any lines; `maxLength` is in characters here. */
function encodeLinesSlowly(record: ReadRecord, contributions: Uint8Array, maxLength: number): string | undefined {
  let text = '';
  let row = record.fromRow;
  for (const line of linesOf(record)) {
    text += toLakeRow(line, isPartOfPair(contributions[row]!));
    if (line.kind === 'flow') row += 1;
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

/** Returns the bytes of a record's id in the response. */
function sizeOfId({ recordId }: ReadRecord): number {
  const isPlain = /^[\w-]*$/.test(recordId);
  return isPlain ? recordId.length + 2 : Buffer.byteLength(JSON.stringify(recordId));
}

/** Returns the bytes of a record in the response besides its id, including the comma after it. All of them are ASCII. */
function sizeBesidesId({ result, data, metadata }: Omit<TransformedRecord, 'recordId'>): number {
  const metadataSize = metadata === undefined ? 0 : ',"metadata":'.length + JSON.stringify(metadata).length;
  return '{"recordId":,"result":"","data":""},'.length + result.length + data.length + metadataSize;
}

/** Returns sizeBesidesId of unchangedRecord. Most records never become unchanged ones, so none is made. */
function unchangedSize(record: ReadRecord): number {
  const { data, outcome } = record;
  if (outcome.kind === 'lines' && typeof data === 'string') return sizeBesidesId({ result: 'ProcessingFailed', data });
  const unchanged = unchangedRecord(record);
  // Only data that was decoded is known to be base64, without characters that JSON escapes.
  const escapes = Buffer.byteLength(JSON.stringify(unchanged.data)) - 2 - unchanged.data.length;
  return sizeBesidesId(unchanged) + escapes;
}
