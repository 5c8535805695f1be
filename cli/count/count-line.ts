import { lineRewriter } from '../flow-files/formats/normalize-line.ts';
import { headerOf, isBlank, mayBeHeader } from '../flow-files/formats/text-reader.ts';
import { type Counting, countRecord, DependentLine } from './count-record.ts';
import { isSameFormat, type LineFormats } from './line-formats.ts';

/** Counts a line. Throws DependentLine where it cannot be counted by itself. */
export type CountLine = (line: Buffer) => void;

/** Counts lines as a replay does (flow-files/line-reader.ts), one by one: any line whatever, but slowly. */
export function lineByLine({ own, stream }: LineFormats, counting: Counting): CountLine {
  const rewrite = lineRewriter(own, stream.common, stream.formats);
  return (line) => {
    if (isBlank(line)) return;
    const header = mayBeHeader(line) ? headerOf(line.toString()) : undefined;
    if (!header) countRecord(rewrite(line), undefined, stream.formats, counting);
    else if (own.length > 1 || !isSameFormat(header, own[0]!)) throw new DependentLine();
  };
}
