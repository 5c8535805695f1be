import { textOf } from '../../../lambda/decode/envelopes/envelope.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { parseLine } from '../../../lambda/parse/parse-line.ts';
import { lineWriter } from './common-format.ts';

/** Writes lines anew; one that fits no format, or more than one, stays as it is, and so will be found unreadable. */
export type RewriteLine = (line: Buffer) => Buffer;

/** @param to undefined to leave lines as they are */
export function lineRewriter(from: readonly Format[], to: Format | undefined, formats: readonly Format[]): RewriteLine {
  if (!to || (from.length === 1 && from[0]!.names.join() === to.names.join())) return (line) => line;
  const write = lineWriter(to, formats);
  const formatOf = from.length === 1 ? () => from[0] : (line: string) => fitting(line, from);
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

function fitting(line: string, formats: readonly Format[]): Format | undefined {
  const read = parseLine(line, formats);
  return read.kind === 'flow' ? read.flow.format : undefined;
}
