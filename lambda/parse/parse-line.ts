import { paddingBytes } from '../decode/payloads.ts';
import { canonicalValue, expectedForm } from '../flow-log/field-value.ts';
import { notAvailable } from '../flow-log/fields.ts';
import { type Flow, flowOfValues } from '../flow-log/flow.ts';
import { FlowRows } from '../flow-log/flow-rows.ts';
import { alwaysPresent, type Format, isHeader } from '../flow-log/format.ts';
import { ScannedText, scanLine } from './line-scanner.ts';

/** A parsed line: a flow; a header, which has names of fields; or an unreadable line with the reason. */
export type Line = { readonly kind: 'flow'; readonly flow: Flow } | OtherLine;

/** A line that is not a flow. */
export type OtherLine =
  | { readonly kind: 'header' }
  | { readonly kind: 'unreadable'; readonly text: string; readonly reason: string };

/**
 * Parses one line of a flow log. Never throws: a line that fits no format, or more than one, is unreadable.
 *
 * @param text one line without its line break; runs of blanks and tabs separate the fields
 * @param formats the formats of the stream, at least one
 */
export function parseLine(text: string, formats: readonly Format[]): Line {
  const rows = new FlowRows();
  const [other] = parseLines([text], formats, rows);
  return other ?? { kind: 'flow', flow: rows.flow(0) };
}

const padding = '\n'.repeat(paddingBytes);

/**
 * Parses lines with the same results as parseLine. Lines that scanLine can read take one pass; the others are read field
 * by field.
 *
 * @param rows receives the flows
 * @returns for each line undefined if it is a flow, or else the line
 */
export function parseLines(
  texts: readonly string[],
  formats: readonly Format[],
  rows: FlowRows,
): (OtherLine | undefined)[] {
  const text = `${texts.join('\n')}${padding}`;
  const bytes = Buffer.from(text);
  // If some character is not ASCII, offsets of characters and of bytes differ, so each line is parsed separately.
  if (bytes.length !== text.length) {
    if (texts.length === 1) return [addByField(texts[0]!, formats, rows)];
    return texts.map((line) => parseLines([line], formats, rows)[0]);
  }
  const source = new ScannedText(bytes, text, texts.length, formats);
  let end = -1;
  return texts.map((line) => {
    const from = end + 1;
    end = from + line.length;
    const firstBound = source.usedBounds;
    const format = scanLine(source, from, end);
    if (!format) return addByField(line, formats, rows);
    rows.push(format, source, firstBound);
    return undefined;
  });
}

function addByField(text: string, formats: readonly Format[], rows: FlowRows): OtherLine | undefined {
  const line = parseLineByField(text, formats);
  if (line.kind !== 'flow') return line;
  const { format, source, firstBound } = line.flow;
  rows.push(format, source, firstBound);
  return undefined;
}

/** Parses any line field by field: the slow path of parseLine, with the same result for every line. */
export function parseLineByField(text: string, formats: readonly Format[]): Line {
  const tokens = text.trim().split(/[ \t]+/);
  if (isHeader(tokens)) return { kind: 'header' };
  const candidates = formats.filter((format) => format.names.length === tokens.length);
  if (candidates.length === 0) {
    const expected = [...new Set(formats.map((format) => format.names.length))].join(' or ');
    return { kind: 'unreadable', text, reason: `the line has ${tokens.length} fields, expected ${expected}` };
  }
  const readings = candidates.map((format) => readFlow(tokens, format, candidates.length > 1, formats));
  const flows = readings.filter((reading) => 'flow' in reading);
  if (flows.length === 1) return { kind: 'flow', flow: flows[0]!.flow };
  const reason =
    flows.length > 1
      ? `the line fits ${flows.length} of the configured formats, expected one`
      : readings.map((reading) => ('problem' in reading ? reading.problem : '')).join('; or ');
  return { kind: 'unreadable', text, reason };
}

function readFlow(
  tokens: readonly string[],
  format: Format,
  isOneOfSeveral: boolean,
  formats: readonly Format[],
): { flow: Flow } | { problem: string } {
  const values: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const name = format.names[index]!;
    const value = token === notAvailable ? token : canonicalValue(token, format.kinds[index]!);
    if (value === undefined)
      return { problem: `${name} is ${quote(token)}, expected ${expectedForm(format.kinds[index]!)}` };
    if (value === notAvailable && isOneOfSeveral && alwaysPresent.has(name)) {
      return { problem: `${name} is not available, expected a value in every line` };
    }
    if (name === 'version' && isOtherVersion(value, format, formats)) {
      return { problem: `version is ${quote(token)}, expected ${format.version} of this format` };
    }
    values.push(value);
  }
  return { flow: flowOfValues(format, values) };
}

/** Returns whether another format has the version; a version of no format at all is accepted. */
function isOtherVersion(version: string, format: Format, formats: readonly Format[]): boolean {
  const isVersionOf = (candidate: Format) => version === String(candidate.version);
  return !isVersionOf(format) && formats.some(isVersionOf);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text);
}
