import type { S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { ambiguities, defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { InputError } from '../terminal/input-error.ts';
import { type DetectedFile, detectFile } from './detect-file.ts';
import type { ReadFile } from './flow-files.ts';
import { FileReading } from './read-file.ts';
import { localFiles } from './storage/local-files.ts';
import { createS3Client } from './storage/s3-client.ts';
import { isS3Uri, parseS3Uri } from './storage/s3-uri.ts';
import type { Found, StoredFile } from './storage/stored-file.ts';

export interface OpenOptions {
  /** Formats of lines in files without a header, as AWS writes them or as field names (default: the default format). */
  readonly format?: readonly string[] | undefined;
  /** Creates the client for s3:// URIs (default: with the credentials and the region of the shell). */
  readonly s3?: (() => Promise<S3Client>) | undefined;
  /** Ends the stream early when it fires. During detection, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a file whose flows have no time cannot be read (default: it can). */
  readonly needsTimes?: boolean | undefined;
  /** Receives the progress of the detection, which takes a while for many files. */
  readonly onDetected?: ((done: number, total: number) => void) | undefined;
}

/** Upper bound of files whose content is detected at once. */
const maxConcurrentDetections = 32;

/** The files that the paths name, with their detected content. */
export interface DetectedFiles {
  /** Formats of lines in files without a header. */
  readonly plain: readonly Format[];
  /** Sorted by name; at least one file can be read. */
  readonly detected: readonly DetectedFile[];
  /** Files and folders that could not be opened. */
  readonly unreadable: readonly ReadFile[];
}

/**
 * Finds the files that the paths name, and detects the content of each by its beginning.
 *
 * @param paths files, folders, and `s3://bucket/prefix`: one object, or all objects with the prefix
 * @throws InputError if a path or a format is invalid, or no file can be read
 */
export async function detectFiles(paths: readonly string[], options: OpenOptions): Promise<DetectedFiles> {
  const { signal, onDetected } = options;
  const plain = plainFormats(options.format);
  const found = await findFiles(paths, options);
  let done = 0;
  const detected = await pMap(
    found.files,
    async (file) => {
      signal?.throwIfAborted();
      const result = withTimes(await detectFile(file, plain), options);
      done += 1;
      onDetected?.(done, found.files.length);
      return result;
    },
    { concurrency: maxConcurrentDetections },
  );
  signal?.throwIfAborted();
  const unreadable = found.problems.map(({ name, problem }) => {
    return { name, kind: undefined, bytes: 0, records: 0, problem };
  });
  if (detected.every(({ content }) => content === undefined)) {
    const states = detected.map((file) => new FileReading(file).state);
    throw new InputError(allUnreadableText([...states, ...unreadable].sort(byName)));
  }
  return { plain, detected, unreadable };
}

/** Returns a file without its content if the command needs times, and its flows have none. */
function withTimes(detected: DetectedFile, { needsTimes = false }: OpenOptions): DetectedFile {
  if (!needsTimes || !detected.isUndated) return detected;
  const problems = detected.problems.copy();
  problems.add('its flows have no time: start and end are missing; this command needs times, count and hunt do not');
  return { ...detected, content: undefined, problems };
}

/** Orders files by name, for `sort`. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** Parses the formats of `--format`. @throws InputError that names an invalid or ambiguous one */
export function plainFormats(texts: readonly string[] = []): Format[] {
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
  if (paths.length === 0) throw new InputError('the files are missing, expected files, folders or s3://bucket/prefix');
  const files = new Map<string, StoredFile>();
  const problems = new Map<string, Found['problems'][number]>();
  let client: Promise<S3Client> | undefined;
  const inBucket = async (uri: string) => {
    parseS3Uri(uri);
    const { s3Files } = await import('./storage/s3-files.ts');
    // Awaited at once, because its rejection would be unhandled until then.
    client ??= s3();
    return s3Files(uri, await client, signal);
  };
  for (const path of [...new Set(paths)].sort()) {
    signal?.throwIfAborted();
    const found = isS3Uri(path) ? { files: await inBucket(path), problems: [] } : await localFiles(path, signal);
    for (const file of found.files) if (!files.has(file.path ?? file.name)) files.set(file.path ?? file.name, file);
    for (const problem of found.problems) problems.set(problem.name, problem);
  }
  return { files: [...files.values()].sort(byName), problems: [...problems.values()] };
}

function allUnreadableText(files: readonly ReadFile[]): string {
  const [first] = files;
  const reason = `${first!.name} cannot be read: ${first!.problem}`;
  return files.length > 1 ? `none of ${files.length} files can be read; ${reason}` : reason;
}
