import type { Format } from '../../lambda/flow-log/format.ts';
import { type StreamFormats, streamFormats } from './formats/common-format.ts';
import type { FileContent } from './formats/reader.ts';

/** Returns the formats of a stream of files. */
export function statedFormats(contents: readonly FileContent[], plain: readonly Format[]): StreamFormats {
  return streamFormats({
    ofRecords: contents.some(({ hasRecords }) => hasRecords) ? plain : [],
    ofLines: [
      ...(contents.some(({ hasPlainLines }) => hasPlainLines) ? plain : []),
      ...contents.flatMap(({ header }) => header ?? []),
    ],
    ofNames: contents.flatMap(({ fieldSets }) => fieldSets),
    hasOddVersion: contents.some((content) => content.hasOddVersion),
  });
}
