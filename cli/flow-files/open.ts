import { byName, lookAtFiles, type OpenOptions, statedFormats } from './discover.ts';
import type { FlowFiles } from './flow-files.ts';
import { merged } from './merge-by-time.ts';
import { FileReading } from './read-file.ts';

/**
 * Finds the flow log files that the paths name and looks at how each begins; they are read when their records are due. The
 * same files give the same stream, in whatever order they are named or listed. Where more than 200 files overlap in time,
 * some are late (merge.ts), and nothing is lost.
 *
 * @param paths files, folders, and `s3://bucket/prefix`: an object, or all below a prefix
 * @throws InputError where a path or a format is wrong, or where no file can be read
 */
export async function openFlowFiles(paths: readonly string[], options: OpenOptions = {}): Promise<FlowFiles> {
  const { plain, looked, unread } = await lookAtFiles(paths, options);
  const { signal } = options;
  const files = looked.map((one) => new FileReading(one));
  const stream = statedFormats(
    looked.flatMap(({ look }) => look ?? []),
    plain,
  );
  return {
    // Where nothing but unreadable lines was seen, any format will do.
    formats: stream.formats.length > 0 ? stream.formats : plain,
    bytes: looked.reduce((sum, { file }) => sum + file.bytes, 0),
    files: () => [...files.map(({ state }) => state), ...unread].sort(byName),
    records(progress) {
      let bytes = 0;
      const read = (further: number) => {
        bytes += further;
        progress?.(bytes);
      };
      const sorted = files.flatMap((file) => file.start({ plain, ...stream }, read) ?? []);
      return merged(sorted, { signal });
    },
  };
}
