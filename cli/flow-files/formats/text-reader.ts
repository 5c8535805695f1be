import { fields } from '../../../lambda/flow-log/fields.ts';
import { type Format, isHeader, parseFormat } from '../../../lambda/flow-log/format.ts';
import { arrivalOf, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, Read } from './reader.ts';
import { linesOf, mebibyte } from './split-lines.ts';

/** The longest line that is read, in bytes: Firehose takes records of up to 1,000 KiB. */
export const maxLineBytes = mebibyte;

/** What CloudWatch puts before each line that it exports: when the event was, and a blank. */
export const exportStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z[ \t]+/;

/**
 * Reads files of flow log lines.
 *
 * @param header the format that the file states itself
 * @param isExport whether each line begins with a time of CloudWatch's
 */
export function lineReader(header: Format | undefined, isExport: boolean): Read {
  return async function* read({ chunks }, { plain, formats, common, problem }) {
    let own = header ? [header] : plain;
    let timeOf = lineTime(own);
    let rewrite = lineRewriter(own, common, formats);
    for await (const lines of linesOf(chunks(), maxLineBytes, problem)) {
      const entries: Entry[] = [];
      for (const whole of lines) {
        const { line, stamp } = isExport ? unstamped(whole) : { line: whole, stamp: undefined };
        if (isBlank(line)) continue;
        if (mayBeHeader(line)) {
          const next = headerOf(line.toString());
          if (next) {
            own = [next];
            timeOf = lineTime(own);
            const isKnown = common
              ? next.names.every((name) => common.indexOf.has(name))
              : formats.some((format) => format.names.join() === next.names.join());
            if (!isKnown) {
              yield entries;
              throw new Error('a second header has other fields, and what follows it was not read; split the file');
            }
            rewrite = lineRewriter(own, common, formats);
            continue;
          }
        }
        entries.push({ data: rewrite(line), arrival: arrivalOf(timeOf(line) ?? stamp) });
      }
      yield entries;
    }
  };
}

/** The format that a header line states; undefined where the line is none. */
export function headerOf(line: string): Format | undefined {
  const names = headerNames(line);
  if (!isHeader(names)) return undefined;
  const format = parseFormat(names.join(' '));
  return 'problem' in format ? undefined : format;
}

/** The words of a line as field names, however AWS or a tool spelt them. */
export function headerNames(line: string): string[] {
  return line
    .trim()
    .split(/[ \t]+/)
    .map((word) => word.replace(/^\$\{(.*)\}$/, '$1').replaceAll('_', '-'));
}

function unstamped(line: Buffer): { line: Buffer; stamp: number | undefined } {
  const [stamp] = exportStamp.exec(line.toString('latin1', 0, 40)) ?? [];
  if (stamp === undefined) return { line, stamp: undefined };
  const milliseconds = Date.parse(stamp.trim());
  return {
    line: line.subarray(stamp.length),
    stamp: Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : undefined,
  };
}

export function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= 0x20);
}

/** Header lines are rare, so a line is looked at more closely only where its first letter is that of a field, or `${`. */
export function mayBeHeader(line: Buffer): boolean {
  return firstLetters.has(line.find((byte) => byte > 0x20)!);
}

const firstLetters: ReadonlySet<number> = new Set(['$', ...fields.keys()].map((name) => name.charCodeAt(0)));
