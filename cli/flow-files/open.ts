import { byName, type DetectedFiles, detectFiles, detectFound, type OpenOptions } from './discover.ts';
import type { FlowFiles, FlowTexts, LineFile } from './flow-files.ts';
import { lineFile } from './line-file.ts';
import { mergeByTime } from './merge-by-time.ts';
import { FileReading } from './read-file.ts';
import { statedFormats } from './stated-formats.ts';
import type { Found } from './storage/stored-file.ts';

/**
 * Finds the flow log files that the paths name, and detects the content of each. A file is read when its records are
 * due. The same files give the same stream, regardless of their order. If more than 200 files overlap in time, the
 * records of some are late, and none are lost (merge-by-time.ts).
 *
 * @param paths files, folders, and `s3://bucket/prefix`: one object, or all objects with the prefix
 * @throws InputError if a path or a format is invalid, or no file can be read
 */
export async function openFlowFiles(paths: readonly string[], options: OpenOptions = {}): Promise<FlowFiles> {
  return flowFiles(await detectFiles(paths, options), options);
}

/** Detects the content of files that were found: see openFlowFiles. */
export async function openFoundFiles(found: Found, options: OpenOptions = {}): Promise<FlowTexts> {
  return flowFiles(await detectFound(found, options), options);
}

function flowFiles({ plain, detected, unreadable }: DetectedFiles, { signal }: OpenOptions): FlowTexts {
  const stream = statedFormats(
    detected.flatMap(({ content }) => content ?? []),
    plain,
  );
  const files = detected.map((one) => ({ reading: new FileReading(one), text: lineFile(one, plain, stream) }));
  return {
    // If only unreadable lines were detected, any format will do.
    formats: stream.formats.length > 0 ? stream.formats : plain,
    bytes: detected.reduce((sum, { file }) => sum + file.bytes, 0),
    files: () => [...files.map(({ reading }) => reading.state), ...unreadable].sort(byName),
    lineFiles: files.flatMap(({ text }) => text ?? []),
    records(progress, without: ReadonlySet<LineFile> = new Set()) {
      const left = files.filter(({ text }) => text === undefined || !without.has(text));
      let bytes = [...without].reduce((sum, text) => sum + text.bytes, 0);
      const read = (further: number) => {
        bytes += further;
        progress?.(bytes);
      };
      const sorted = left.flatMap(({ reading }) => reading.start({ plain, ...stream }, read) ?? []);
      return mergeByTime(sorted, { signal });
    },
  };
}
