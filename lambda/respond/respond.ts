import { payloadText } from '../decode/firehose-event.ts';
import { isCounted } from '../flow-log/contribution.ts';
import type { Network } from '../networks/ip-address.ts';
import type { Line } from '../parse/parse-line.ts';
import type { ReadRecord } from '../parse/read-records.ts';
import { FlowJson } from './flow-json.ts';
import { type LakePartition, partitionOf } from './lake-partition.ts';
import { toLakeRow } from './lake-row.ts';

/**
 * The answer to one record (Firehose Developer Guide, "Data transformation and status model"). Where the stream parts its
 * objects by more than the day, `metadata` has the key that its prefix asks for, never empty (same guide, "Create
 * partitioning keys with an AWS Lambda function").
 */
export interface TransformedRecord {
  readonly recordId: string;
  readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
  readonly data: string;
  readonly metadata?: { readonly partitionKeys: Readonly<Record<string, string>> };
}

export interface RespondOptions {
  /** The most bytes of the answer as JSON. */
  readonly maxBytes?: number;
  /** What Firehose is told a partition key for. */
  readonly lakePartition?: LakePartition;
}

/** The answer to a batch, and how many records did not fit into it. */
export interface TransformationResponse {
  readonly records: TransformedRecord[];
  readonly overflowed: number;
}

/** What Lambda lets a synchronous answer hold (Firehose Developer Guide, "Data transformation", 6 MB both ways). */
export const maxResponseBytes = 6_291_556;

/**
 * The answer to a batch: every record once, in order. Lines that were read go on as JSON, one a line, and those that
 * could not be read go with them, each with its reason; a record of which no line could be read comes back as it was.
 *
 * The answer never exceeds its limit. A returned payload is no larger than the one that came, so the answer that returns
 * them all always fits; decoded records take the room that is left, in order, and one that has none is returned as it
 * came, marked as failed, though its flows are counted. Firehose keeps it under the error prefix: nothing is lost, and
 * since the same batch always overflows in the same place, nothing is counted twice.
 */
export function respond(
  records: readonly ReadRecord[],
  monitoredNetworks: readonly Network[],
  { maxBytes = maxResponseBytes, lakePartition = 'date' }: RespondOptions = {},
): TransformationResponse {
  const returned = records.map(returnedAnswer);
  const sizes = returned.map(sizeOf);
  let bytes = '{"records":[]}'.length + sizes.reduce((sum, size) => sum + size, 0);
  let overflowed = 0;
  const json = new FlowJson();
  const answers = records.map(({ recordId, outcome }, index) => {
    const asItCame = returned[index]!;
    if (outcome.kind !== 'lines') return asItCame;
    const { lines } = outcome;
    const data = decodedData(lines, monitoredNetworks, maxBytes - bytes + sizes[index]!, json);
    const decoded: TransformedRecord = { recordId, result: 'Ok', data: data ?? '' };
    const answer =
      lakePartition === 'date'
        ? decoded
        : { ...decoded, metadata: { partitionKeys: { [lakePartition]: partitionOf(lines, lakePartition) } } };
    // Both have the same id.
    const more = sizeBesidesId(answer) - sizeBesidesId(asItCame);
    if (data === undefined || bytes + more > maxBytes) {
      overflowed += 1;
      return asItCame;
    }
    bytes += more;
    return answer;
  });
  return { records: answers, overflowed };
}

/** The decoded lines of a record in base64; undefined as soon as they are longer than there is room for. */
function decodedData(
  lines: readonly Line[],
  monitoredNetworks: readonly Network[],
  room: number,
  json: FlowJson,
): string | undefined {
  json.clear();
  for (const line of lines) {
    const ascii = line.kind === 'flow' ? line.flow.source.ascii : undefined;
    if (line.kind !== 'flow' || !ascii) return anyData(lines, monitoredNetworks, room);
    json.add(line.flow, ascii, isCounted(line.flow, monitoredNetworks));
    if (json.length > room) return undefined;
  }
  return json.toBase64();
}

/** What decodedData says, of any lines whatever. */
function anyData(lines: readonly Line[], monitoredNetworks: readonly Network[], room: number): string | undefined {
  let text = '';
  for (const line of lines) {
    text += toLakeRow(line, monitoredNetworks);
    if (text.length > room) return undefined;
  }
  return Buffer.from(text).toString('base64');
}

function returnedAnswer({ recordId, data, outcome }: ReadRecord): TransformedRecord {
  if (outcome.kind === 'dropped') return { recordId, result: 'Dropped', data: '' };
  return { recordId, result: 'ProcessingFailed', data: typeof data === 'string' ? data : jsonAsBase64(data) };
}

/** What is no string was no payload of Firehose's; it goes back as base64 of its JSON, so that even this is not lost. */
function jsonAsBase64(data: unknown): string {
  return Buffer.from(payloadText(data)).toString('base64');
}

/** The bytes that an answer takes within the whole, with the comma after it. All but the id is ASCII. */
function sizeOf(answer: TransformedRecord): number {
  const { recordId } = answer;
  const isPlain = /^[\w-]*$/.test(recordId);
  return sizeBesidesId(answer) + (isPlain ? recordId.length + 2 : Buffer.byteLength(JSON.stringify(recordId)));
}

function sizeBesidesId({ result, data, metadata }: TransformedRecord): number {
  const more = metadata === undefined ? 0 : ',"metadata":'.length + JSON.stringify(metadata).length;
  return '{"recordId":,"result":"","data":""},'.length + result.length + data.length + more;
}
