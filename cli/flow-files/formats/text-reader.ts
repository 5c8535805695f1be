import { fields } from '../../../lambda/flow-log/fields.ts';
import { type Format, parseFormat } from '../../../lambda/flow-log/format.ts';
import { arrivalOf, lineTime } from './line-time.ts';
import { lineRewriter } from './normalize-line.ts';
import type { Entry, Read } from './reader.ts';
import { linesOf, mebibyte } from './split-lines.ts';

/** Upper bound of a line, in bytes: Firehose takes records of up to 1,000 KiB. */
export const maxLineBytes = mebibyte;

/** The time of the event and the blank that CloudWatch writes before each exported line. */
export const exportStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z[ \t]+/;

/** The fields that a header line names. */
export interface Header {
  /** The format of the lines without the values of unknown fields. */
  readonly format: Format;
  /** All names in their order. */
  readonly names: readonly string[];
  /** The names that are not flow log fields, such as those of a later version. */
  readonly unknownFields: readonly string[];
}

/**
 * Returns a reader of flow log lines, which passes over the values of unknown fields.
 *
 * @param header the header of the file
 * @param isExport whether each line begins with a time of CloudWatch
 */
export function lineReader(header: Header | undefined, isExport: boolean): Read {
  return async function* read({ chunks }, { plain, formats, common, problem }) {
    let own = header ? [header.format] : plain;
    let known = knownValues(header);
    const first = header?.names[0]?.charCodeAt(0);
    let timeOf = lineTime(own);
    let rewrite = lineRewriter(own, common, formats);
    for await (const lines of linesOf(chunks(), maxLineBytes, problem)) {
      const entries: Entry[] = [];
      for (const stored of lines) {
        const { line: full, stamp } = isExport ? withoutStamp(stored) : { line: stored, stamp: undefined };
        if (isBlank(full)) continue;
        if (mayBeHeader(full, first)) {
          const nextHeader = headerOf(full.toString());
          if (nextHeader) {
            const { format: next } = nextHeader;
            known = knownValues(nextHeader);
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
        const line = known(full);
        entries.push({ data: rewrite(line), arrival: arrivalOf(timeOf(line) ?? stamp) });
      }
      yield entries;
    }
  };
}

/**
 * Parses a header line. At least two of its words, and half of them, are fields.
 *
 * @returns undefined if the line is not a header; the problem of a header that is invalid
 */
export function readHeader(line: string): Header | { readonly problem: string } | undefined {
  const names = headerNames(line);
  const known = names.filter((name) => fields.has(name));
  if (known.length < Math.max(2, names.length / 2)) return undefined;
  const format = parseFormat(known.join(' '));
  return 'problem' in format ? format : { format, names, unknownFields: names.filter((name) => !fields.has(name)) };
}

/** Parses a header line; undefined if the line is not a valid header. */
export function headerOf(line: string): Header | undefined {
  const header = readHeader(line);
  return header === undefined || 'problem' in header ? undefined : header;
}

/** Returns a function that removes the values of unknown fields. A line with another number of values stays unchanged. */
export function knownValues(header: Header | undefined): (line: Buffer) => Buffer {
  if (!header || header.unknownFields.length === 0) return (line) => line;
  const { names } = header;
  const isKnown = names.map((name) => fields.has(name));
  return (line) => {
    // latin1 keeps every byte.
    const values = line
      .toString('latin1')
      .trim()
      .split(/[ \t]+/);
    if (values.length !== names.length) return line;
    return Buffer.from(`${values.filter((_, index) => isKnown[index]).join(' ')}\n`, 'latin1');
  };
}

/** Returns the words of a line as field names, in any spelling of AWS or a tool. */
function headerNames(line: string): string[] {
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

/**
 * Returns whether a line begins like a field or `${`: a cheap test, because header lines are rare.
 *
 * @param first a further letter, with which the header of the file begins
 */
export function mayBeHeader(line: Buffer, first?: number): boolean {
  const letter = line.find((byte) => byte > 0x20)!;
  return firstLetters.has(letter) || letter === first;
}

const firstLetters: ReadonlySet<number> = new Set(['$', ...fields.keys()].map((name) => name.charCodeAt(0)));
