import pMap from 'p-map';
import { ambiguities, defaultFormat, type Format, parseFormat } from '../../lambda/flow-log/format.ts';
import { InputError } from '../terminal/input-error.ts';
import { type DetectedFile, detectFile } from './detect-file.ts';
import { type FindOptions, findFiles } from './find-files.ts';
import type { ReadFile } from './flow-files.ts';
import { FileReading } from './read-file.ts';
import type { Found } from './storage/stored-file.ts';

export interface OpenOptions extends FindOptions {
  /** Formats of lines in files without a header, as AWS writes them or as field names (default: the default format). */
  readonly format?: readonly string[] | undefined;
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
  // An invalid format is reported before the files are looked for.
  plainFormats(options.format);
  return detectFound(await findFiles(paths, options), options);
}

/**
 * Detects the content of files by their beginning.
 *
 * @throws InputError if a format is invalid, or no file can be read
 */
export async function detectFound(found: Found, options: OpenOptions): Promise<DetectedFiles> {
  const { signal, onDetected } = options;
  const plain = plainFormats(options.format);
  let done = 0;
  const detected = await pMap(
    found.files.toSorted(byName),
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

function allUnreadableText(files: readonly ReadFile[]): string {
  const [first] = files;
  const reason = `${first!.name} cannot be read: ${first!.problem}`;
  return files.length > 1 ? `none of ${files.length} files can be read; ${reason}` : reason;
}
