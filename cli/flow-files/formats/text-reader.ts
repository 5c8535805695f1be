import { fields } from '../../../lambda/flow-log/fields.ts';
import { type Format, isHeader, parseFormat } from '../../../lambda/flow-log/format.ts';
import { arrivalOf, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, Read } from './reader.ts';
import { linesOf, mebibyte } from './split-lines.ts';

/** Upper bound of a line, in bytes: Firehose takes records of up to 1,000 KiB. */
export const maxLineBytes = mebibyte;

/** The time of the event and the blank that CloudWatch writes before each exported line. */
export const exportStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z[ \t]+/;

/**
 * Returns a reader of flow log lines.
 *
 * @param header the format that the file's header states
 * @param isExport whether each line begins with a time of CloudWatch
 */
export function lineReader(header: Format | undefined, isExport: boolean): Read {
  return async function* read({ chunks }, { plain, formats, common, problem }) {
    let own = header ? [header] : plain;
    let timeOf = lineTime(own);
    let rewrite = lineRewriter(own, common, formats);
    for await (const lines of linesOf(chunks(), maxLineBytes, problem)) {
      const entries: Entry[] = [];
      for (const stored of lines) {
        const { line, stamp } = isExport ? withoutStamp(stored) : { line: stored, stamp: undefined };
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
              throw new Error('a second header has other fields, and the lines after it were not read; split the file');
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

/** Parses a header line; undefined if the line is not a header. */
export function headerOf(line: string): Format | undefined {
  const names = headerNames(line);
  if (!isHeader(names)) return undefined;
  const format = parseFormat(names.join(' '));
  return 'problem' in format ? undefined : format;
}

/** Returns the words of a line as field names, in any spelling of AWS or a tool. */
export function headerNames(line: string): string[] {
  return line
    .trim()
    .split(/[ \t]+/)
    .map((word) => word.replace(/^\$\{(.*)\}$/, '$1').replaceAll('_', '-'));
}

/** Separates the time of an export from its line; the time is in epoch seconds. */
function withoutStamp(line: Buffer): { line: Buffer; stamp: number | undefined } {
  const [stamp] = exportStamp.exec(line.toString('latin1', 0, 40)) ?? [];
  if (stamp === undefined) return { line, stamp: undefined };
  const milliseconds = Date.parse(stamp.trim());
  return {
    line: line.subarray(stamp.length),
    stamp: Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : undefined,
  };
}

/** Returns whether a line has only white space and control characters. */
export function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= 0x20);
}

/** Returns whether a line begins like a field or `${`: a cheap test, because header lines are rare. */
export function mayBeHeader(line: Buffer): boolean {
  return firstLetters.has(line.find((byte) => byte > 0x20)!);
}

const firstLetters: ReadonlySet<number> = new Set(['$', ...fields.keys()].map((name) => name.charCodeAt(0)));
