import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { ambiguities, defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { InputError } from '../terminal/input-error.ts';
import { type Looked, lookAt } from './detect-file.ts';
import type { ReadFile } from './flow-files.ts';
import { type StreamFormats, streamFormats } from './formats/common-format.ts';
import type { Look } from './formats/reader.ts';
import { FileReading } from './read-file.ts';
import { localFiles } from './storage/local-files.ts';
import { createS3Client } from './storage/s3-client.ts';
import { isS3Address, s3Place } from './storage/s3-uri.ts';
import type { Found, StoredFile } from './storage/stored-file.ts';

export interface OpenOptions {
  /** Formats of lines in files that do not state theirs, as AWS writes it or as field names; the default format if none. */
  readonly format?: readonly string[] | undefined;
  /** Makes a client for s3:// addresses; one with the credentials and the region of the shell by default. */
  readonly s3?: (() => Promise<S3Client>) | undefined;
  /** Ends the stream early when it fires. While files are being found and looked at, it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Is told at how many of all files was looked: of many, that takes a while. */
  readonly looked?: ((files: number, all: number) => void) | undefined;
}

/** How many files are looked at at once. */
const looksAtOnce = 32;

/** The files that paths name, and how each begins. */
export interface LookedFiles {
  /** The formats of lines in files that do not state theirs. */
  readonly plain: readonly Format[];
  /** By name; one of them can be read, at least. */
  readonly looked: readonly Looked[];
  /** Folders that could not be read. */
  readonly unread: readonly ReadFile[];
}

/**
 * Finds the files that the paths name, and looks at how each begins.
 *
 * @param paths files, folders, and `s3://bucket/prefix`: an object, or all below a prefix
 * @throws InputError where a path or a format is wrong, or where no file can be read
 */
export async function lookAtFiles(paths: readonly string[], options: OpenOptions): Promise<LookedFiles> {
  const { signal, looked: report } = options;
  const plain = plainFormats(options.format);
  const found = await findFiles(paths, options);
  let done = 0;
  const looked = await pMap(
    found.files,
    async (file) => {
      signal?.throwIfAborted();
      const one = await lookAt(file, plain);
      done += 1;
      report?.(done, found.files.length);
      return one;
    },
    { concurrency: looksAtOnce },
  );
  signal?.throwIfAborted();
  const unread = found.problems.map(({ name, problem }) => ({ name, kind: undefined, bytes: 0, records: 0, problem }));
  if (looked.every(({ look }) => look === undefined)) {
    throw new InputError(noneText([...looked.map((one) => new FileReading(one).state), ...unread].sort(byName)));
  }
  return { plain, looked, unread };
}

/** Orders files. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** @throws InputError that names what is wrong with them */
function plainFormats(texts: readonly string[] = []): Format[] {
  const formats = (texts.length > 0 ? texts : [defaultFormat]).map((text) => {
    const format = parseFormat(text);
    if ('problem' in format) throw new InputError(`--format: ${format.problem}`);
    return format;
  });
  const [problem] = ambiguities(formats);
  if (problem !== undefined) throw new InputError(`--format: ${problem}`);
  return formats;
}

async function findFiles(paths: readonly string[], { signal, s3 = createS3Client }: OpenOptions): Promise<Found> {
  if (paths.length === 0) throw new InputError('no file is named, expected files, folders or s3://bucket/prefix');
  const files = new Map<string, StoredFile>();
  const problems = new Map<string, Found['problems'][number]>();
  let client: Promise<S3Client> | undefined;
  const inBucket = async (address: string) => {
    s3Place(address);
    const { s3Files } = await import('./storage/s3-files.ts');
    // Waited for at once: nobody would hear of its rejection until then.
    client ??= s3();
    return s3Files(address, await client, signal);
  };
  for (const path of [...paths].sort()) {
    signal?.throwIfAborted();
    const found = isS3Address(path) ? { files: await inBucket(path), problems: [] } : await localFiles(path);
    for (const file of found.files) if (!files.has(file.path ?? file.name)) files.set(file.path ?? file.name, file);
    for (const problem of found.problems) problems.set(problem.name, problem);
  }
  return { files: [...files.values()].sort(byName), problems: [...problems.values()] };
}

function noneText(files: readonly ReadFile[]): string {
  const [first] = files;
  const reason = `${first!.name} cannot be read: ${first!.problem}`;
  return files.length > 1 ? `none of ${files.length} files can be read; ${reason}` : reason;
}

/** The formats of a stream of files. */
export function statedFormats(looks: readonly Look[], plain: readonly Format[]): StreamFormats {
  return streamFormats({
    ofRecords: looks.some(({ hasRecords }) => hasRecords) ? plain : [],
    ofLines: [
      ...(looks.some(({ hasPlainLines }) => hasPlainLines) ? plain : []),
      ...looks.flatMap(({ header }) => header ?? []),
    ],
    ofNames: looks.flatMap(({ named }) => named),
    hasOddVersion: looks.some((look) => look.hasOddVersion),
  });
}
