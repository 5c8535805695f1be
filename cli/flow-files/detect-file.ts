import { messageOf } from '../../lambda/common/errors.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { arriving, timeInName } from './arrival-time.ts';
import { fileKind, headBytes, withoutMark } from './detect-kind.ts';
import { parquetMagic } from './formats/parquet-file.ts';
import { parquetKind } from './formats/parquet-reader.ts';
import type { Input, Look } from './formats/reader.ts';
import { peeled, withHead } from './gunzip.ts';
import { Problems } from './problems.ts';
import type { StoredFile } from './storage/stored-file.ts';

/** How much of a file is fetched to look at it, in bytes: of gzip, enough for what is looked at after it is expanded. */
const fetchedBytes = 128 * 1024;

/** What a file is, and when its first record arrives. */
export interface Looked {
  readonly file: StoredFile;
  /** Undefined where it cannot be read. */
  readonly look: Look | undefined;
  /** Epoch milliseconds; undefined where it has no record. */
  readonly first: number | undefined;
  readonly problems: Problems;
}

/** Looks at how a file begins, and lets go of it. Never rejects. */
export async function lookAt(file: StoredFile, plain: readonly Format[]): Promise<Looked> {
  const problems = new Problems();
  const unreadable = (problem: string) => {
    problems.add(problem);
    return { file, look: undefined, first: undefined, problems };
  };
  const { head, isWhole, failure } = await headOf(file);
  if (head.length === 0 && failure !== undefined) return unreadable(failure);
  const whole = { file, chunks: () => textChunks(file), read: () => {} };
  const isParquet = head.subarray(0, parquetMagic.length).equals(parquetMagic);
  const look = isParquet ? await parquetKind(whole) : fileKind(head, isWhole, plain);
  if (!('read' in look)) return unreadable(look.problem);
  if (look.problem !== undefined) problems.add(look.problem);
  if (look.first !== undefined) return { file, look, first: look.first, problems };
  const ofHead = { ...whole, chunks: () => oneChunk(head) };
  const first = isParquet ? undefined : await firstArrival(look, ofHead, plain, new Problems(), !isWhole);
  if (first !== undefined) return { file, look, first, problems };
  const found = problems.copy();
  const far = await firstArrival(look, whole, plain, found, false);
  // What is wrong with a file that has a record is found when it is read.
  return { file, look, first: far, problems: far === undefined ? found : problems };
}

/** The bytes of a file of text, without compression and byte order mark. */
export async function* textChunks(file: StoredFile, read: (bytes: number) => void = () => {}): AsyncGenerator<Buffer> {
  const { head, all } = await withHead(peeled(counted(file.open(), read)), 3);
  let isFirst = withoutMark(head) !== head;
  for await (const chunk of all) {
    yield isFirst ? withoutMark(chunk) : chunk;
    isFirst = false;
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, read: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    read(chunk.length);
  }
}

async function headOf(file: StoredFile): Promise<{ head: Buffer; isWhole: boolean; failure?: string }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of peeled(file.open(fetchedBytes))) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes >= headBytes) return { head: Buffer.concat(parts).subarray(0, headBytes), isWhole: false };
    }
  } catch (error) {
    return { head: Buffer.concat(parts), isWhole: false, failure: messageOf(error) };
  }
  return { head: Buffer.concat(parts), isWhole: file.bytes <= fetchedBytes };
}

/** When a file's records arrive that say no time, in epoch milliseconds. */
export function deliveredAt({ name }: StoredFile): number {
  return timeInName(name) ?? 0;
}

async function* oneChunk(head: Buffer): AsyncGenerator<Buffer> {
  yield withoutMark(head);
}

async function firstArrival(
  { read, header, named }: Look,
  input: Input,
  plain: readonly Format[],
  problems: Problems,
  isPart: boolean,
): Promise<number | undefined> {
  const formats = header ? [header] : named.length > 0 ? [] : plain;
  const problem = (text: string) => problems.add(text);
  try {
    const entries = read(input, { plain, formats, common: undefined, problem });
    for await (const records of arriving(entries, deliveredAt(input.file), isPart)) {
      if (records.length > 0) return records[0]!.arrival;
    }
  } catch (error) {
    problems.add(messageOf(error));
  }
  return undefined;
}
