import type { Format } from '../../lambda/flow-log/format.ts';
import { type DetectedFile, deliveredAt, textChunks } from './detect-file.ts';
import type { LineFile } from './flow-files.ts';
import type { StreamFormats } from './formats/common-format.ts';

/**
 * Returns a detected file as a file of lines. Undefined for any other content and for lines with values of unknown
 * fields. The number of fields must determine the format of a line.
 *
 * @param plain the formats of lines without a header
 * @param stream the formats of all files
 */
export function lineFile(
  { file, content, firstArrival }: DetectedFile,
  plain: readonly Format[],
  stream: StreamFormats,
): LineFile | undefined {
  if (!content?.isText || content.problem !== undefined || firstArrival === undefined) return undefined;
  if (stream.common || (content.unknownFields ?? []).length > 0) return undefined;
  const format = content.header ?? (plain.length === 1 ? plain[0] : undefined);
  const sameLength = stream.formats.filter(({ names }) => names.length === format?.names.length);
  if (format === undefined || sameLength.length !== 1) return undefined;
  const { name, bytes, path } = file;
  const hasHeader = content.header !== undefined;
  return {
    ...{ name, bytes, path, format, hasHeader },
    delivered: deliveredAt(file),
    chunks: (read) => textChunks(file, read),
  };
}
