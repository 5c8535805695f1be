import { textOf } from '../../../lambda/decode/envelopes/envelope.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { lineWriter } from './common-format.ts';

/** Rewrites a line. A line that fits no format, or several, stays unchanged, and is later found unreadable. */
export type RewriteLine = (line: Buffer) => Buffer;

/**
 * Returns a function that rewrites lines in another format.
 *
 * @param from the possible formats of the lines
 * @param to the format to write; undefined to leave lines unchanged
 * @param formats all formats of the stream
 */
export function lineRewriter(from: readonly Format[], to: Format | undefined, formats: readonly Format[]): RewriteLine {
  if (!to || (from.length === 1 && from[0]!.names.join() === to.names.join())) return (line) => line;
  const write = lineWriter(to, formats);
  const formatOf = from.length === 1 ? () => from[0] : (line: string) => parsedFormat(line, from);
  return (line) => {
    const text = textOf(line)?.trim();
    if (text === undefined) return line;
    const values = text.split(/[ \t]+/);
    const format = formatOf(text);
    if (format?.names.length !== values.length) return line;
    const written = write((name) => {
      const index = format.indexOf.get(name);
      return index === undefined ? undefined : values[index];
    });
    return Buffer.from(`${written}\n`);
  };
}

function parsedFormat(line: string, formats: readonly Format[]): Format | undefined {
  const read = parseLine(line, formats);
  return read.kind === 'flow' ? read.flow.format : undefined;
}
