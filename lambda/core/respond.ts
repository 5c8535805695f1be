import type { Network } from './address.ts';
import { decodedLine } from './decoded-line.ts';
import { payloadText } from './event.ts';
import { type LakePartition, partitionOf } from './lake-partition.ts';
import type { Line } from './parse.ts';
import type { ReadRecord } from './read-record.ts';

/**
 * The answer to one record (Firehose Developer Guide, "Data transformation and status model"). Where the stream parts its
 * objects by more than the day, `metadata` has the key that its prefix asks for, never empty (same guide, "Create
 * partitioning keys with an AWS Lambda function").
 */
export interface RecordAnswer {
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
export interface Answer {
  readonly records: RecordAnswer[];
  readonly overflowed: number;
}

/** What Lambda lets a synchronous answer hold (Firehose Developer Guide, "Data transformation", 6 MB both ways). */
export const maxAnswerBytes = 6_291_556;

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
  { maxBytes = maxAnswerBytes, lakePartition = 'date' }: RespondOptions = {},
): Answer {
  const returned = records.map(returnedAnswer);
  let bytes = '{"records":[]}'.length + returned.reduce((sum, answer) => sum + sizeOf(answer), 0);
  let overflowed = 0;
  const answers = records.map((record, index) => {
    const asItCame = returned[index]!;
    if (record.outcome.kind !== 'lines') return asItCame;
    const room = maxBytes - bytes + sizeOf(asItCame);
    const { lines } = record.outcome;
    const text = decodedText(lines, monitoredNetworks, room);
    const decoded: RecordAnswer = {
      recordId: record.recordId,
      result: 'Ok',
      data: Buffer.from(text ?? '').toString('base64'),
      ...(lakePartition !== 'date' && {
        metadata: { partitionKeys: { [lakePartition]: partitionOf(lines, lakePartition) } },
      }),
    };
    const more = sizeOf(decoded) - sizeOf(asItCame);
    if (text === undefined || bytes + more > maxBytes) {
      overflowed += 1;
      return asItCame;
    }
    bytes += more;
    return decoded;
  });
  return { records: answers, overflowed };
}

/** The decoded lines of a record; undefined as soon as they are longer than there is room for. */
function decodedText(lines: readonly Line[], monitoredNetworks: readonly Network[], room: number): string | undefined {
  const parts: string[] = [];
  let length = 0;
  for (const line of lines) {
    const part = decodedLine(line, monitoredNetworks);
    length += part.length;
    if (length > room) return undefined;
    parts.push(part);
  }
  return parts.join('');
}

function returnedAnswer({ recordId, data, outcome }: ReadRecord): RecordAnswer {
  if (outcome.kind === 'dropped') return { recordId, result: 'Dropped', data: '' };
  return { recordId, result: 'ProcessingFailed', data: typeof data === 'string' ? data : jsonAsBase64(data) };
}

/** What is no string was no payload of Firehose's; it goes back as base64 of its JSON, so that even this is not lost. */
function jsonAsBase64(data: unknown): string {
  return Buffer.from(payloadText(data)).toString('base64');
}

/** The bytes that an answer takes within the whole, with the comma after it. All but the id is ASCII. */
function sizeOf({ recordId, result, data, metadata }: RecordAnswer): number {
  const id = Buffer.byteLength(JSON.stringify(recordId));
  const more = metadata === undefined ? 0 : ',"metadata":'.length + JSON.stringify(metadata).length;
  return '{"recordId":,"result":"","data":""},'.length + id + result.length + data.length + more;
}
