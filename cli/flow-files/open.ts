import { byName, detectFiles, type OpenOptions } from './discover.ts';
import type { FlowFiles } from './flow-files.ts';
import { mergeByTime } from './merge-by-time.ts';
import { FileReading } from './read-file.ts';
import { statedFormats } from './stated-formats.ts';

/**
 * Finds the flow log files that the paths name, and detects the content of each. A file is read when its records are
 * due. The same files give the same stream, regardless of their order. If more than 200 files overlap in time, the
 * records of some are late, and none are lost (merge-by-time.ts).
 *
 * @param paths files, folders, and `s3://bucket/prefix`: one object, or all objects with the prefix
 * @throws InputError if a path or a format is invalid, or no file can be read
 */
export async function openFlowFiles(paths: readonly string[], options: OpenOptions = {}): Promise<FlowFiles> {
  const { plain, detected, unreadable } = await detectFiles(paths, options);
  const { signal } = options;
  const files = detected.map((one) => new FileReading(one));
  const stream = statedFormats(
    detected.flatMap(({ content }) => content ?? []),
    plain,
  );
  return {
    // If only unreadable lines were detected, any format will do.
    formats: stream.formats.length > 0 ? stream.formats : plain,
    bytes: detected.reduce((sum, { file }) => sum + file.bytes, 0),
    files: () => [...files.map(({ state }) => state), ...unreadable].sort(byName),
    records(progress) {
      let bytes = 0;
      const read = (further: number) => {
        bytes += further;
        progress?.(bytes);
      };
      const sorted = files.flatMap((file) => file.start({ plain, ...stream }, read) ?? []);
      return mergeByTime(sorted, { signal });
    },
  };
}
