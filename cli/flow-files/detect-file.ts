import type { SourceRecord } from '../../emulators/firehose-event.ts';
import { messageOf } from '../../lambda/common/errors.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { timeInName, unknownArrival, withArrivals } from './arrival-time.ts';
import { detectContent, headBytes, withoutByteOrderMark } from './detect-kind.ts';
import { parquetMagic } from './formats/parquet-magic.ts';
import type { FileContent, Input, UnreadableContent } from './formats/reader.ts';
import { decompressed, splitHead } from './gunzip.ts';
import { Problems } from './problems.ts';
import { eventRecords } from './record-batches.ts';
import { statedFormats } from './stated-formats.ts';
import type { StoredFile } from './storage/stored-file.ts';

/** Bytes of a file that are fetched to detect its content; of gzip, enough for `headBytes` after expansion. */
const fetchedBytes = 128 * 1024;

/** Bytes of a head in which the first arrival is looked for first: more than a hundred lines of most formats. */
const arrivalBytes = 16 * 1024;

/** A file with its detected content. */
export interface DetectedFile {
  readonly file: StoredFile;
  /** Undefined if the file cannot be read. */
  readonly content: FileContent | undefined;
  /** Arrival of the first record, in epoch milliseconds; undefined if there is no record. */
  readonly firstArrival: number | undefined;
  /** Whether the first flows have no time, and neither has the file. */
  readonly isUndated: boolean;
  readonly problems: Problems;
}

/** Detects the content of a file by its beginning, then closes the file. Never rejects. */
export async function detectFile(file: StoredFile, plain: readonly Format[]): Promise<DetectedFile> {
  const problems = new Problems();
  const unreadable = (problem: string) => {
    problems.add(problem);
    return { file, content: undefined, firstArrival: undefined, isUndated: false, problems };
  };
  const { head, isComplete, failure } = await headOf(file);
  if (head.length === 0 && failure !== undefined) return unreadable(failure);
  const input = { file, chunks: () => textChunks(file), read: () => {} };
  const isParquet = head.subarray(0, parquetMagic.length).equals(parquetMagic);
  const content = isParquet ? await parquetContent(input) : await detectContent(head, isComplete, plain);
  // The end of a cut file misleads the detection.
  if (!('read' in content)) return unreadable(failure ?? content.problem);
  if (content.problem !== undefined) problems.add(content.problem);
  if (content.firstArrival !== undefined) {
    return { file, content, firstArrival: content.firstArrival, isUndated: false, problems };
  }
  const headOnly = { ...input, chunks: () => oneChunk(head.subarray(0, arrivalBytes)) };
  const early = isParquet
    ? []
    : await firstRecords(content, headOnly, plain, new Problems(), !isComplete || head.length > arrivalBytes);
  const allProblems = problems.copy();
  const first = early.length > 0 ? early : await firstRecords(content, input, plain, allProblems, false);
  const firstArrival = first[0]?.arrival;
  const isUndated = firstArrival === unknownArrival && (await hasFlow(first, content, plain));
  // The problems of a file with a record are found again when it is read.
  return { file, content, firstArrival, isUndated, problems: firstArrival === undefined ? allProblems : problems };
}

/**
 * Yields the bytes of a text file without compression and byte order mark.
 *
 * @param read receives the stored bytes of each chunk that was read
 */
export async function* textChunks(file: StoredFile, read: (bytes: number) => void = () => {}): AsyncGenerator<Buffer> {
  const { head, all } = await splitHead(decompressed(counted(file.open(), read)), 3);
  let isFirst = withoutByteOrderMark(head) !== head;
  for await (const chunk of all) {
    yield isFirst ? withoutByteOrderMark(chunk) : chunk;
    isFirst = false;
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, read: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    read(chunk.length);
  }
}

/** Returns the beginning of a file without compression, and whether that is the complete file. Never rejects. */
async function headOf(file: StoredFile): Promise<{ head: Buffer; isComplete: boolean; failure?: string }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decompressed(file.open(fetchedBytes))) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes >= headBytes) return { head: Buffer.concat(parts).subarray(0, headBytes), isComplete: false };
    }
  } catch (error) {
    return { head: Buffer.concat(parts), isComplete: false, failure: messageOf(error) };
  }
  return { head: Buffer.concat(parts), isComplete: file.bytes <= fetchedBytes };
}

/** Returns the arrival of records without a time, in epoch milliseconds: the time in the file's name, or else unknown. */
export function deliveredAt({ name }: StoredFile): number {
  return timeInName(name) ?? unknownArrival;
}

async function parquetContent(input: Input): Promise<FileContent | UnreadableContent> {
  const { detectParquet } = await import('./formats/parquet-reader.ts');
  return detectParquet(input);
}

/** Returns whether a record has a flow that can be read. */
async function hasFlow(
  records: readonly SourceRecord[],
  content: FileContent,
  plain: readonly Format[],
): Promise<boolean> {
  const { readRecords } = await import('../../lambda/parse/read-records.ts');
  const { formats } = statedFormats([content], plain);
  return readRecords(eventRecords(records), formats).rows.length > 0;
}

async function* oneChunk(head: Buffer): AsyncGenerator<Buffer> {
  yield withoutByteOrderMark(head);
}

/** Returns the first records; none if the file has no record. Adds read errors to the problems. */
async function firstRecords(
  { read, header, fieldSets }: FileContent,
  input: Input,
  plain: readonly Format[],
  problems: Problems,
  isPart: boolean,
): Promise<readonly SourceRecord[]> {
  const formats = header ? [header] : fieldSets.length > 0 ? [] : plain;
  const problem = (text: string) => problems.add(text);
  try {
    const entries = read(input, { plain, formats, common: undefined, problem });
    for await (const records of withArrivals(entries, deliveredAt(input.file), isPart)) {
      if (records.length > 0) return records;
    }
  } catch (error) {
    problems.add(messageOf(error));
  }
  return [];
}
