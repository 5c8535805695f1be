import { checkedValue, expectation } from '../flow-log/field-value.ts';
import { notAvailable } from '../flow-log/fields.ts';
import { type Flow, flowOfValues } from '../flow-log/flow.ts';
import { alwaysPresent, type Format, isHeader } from '../flow-log/format.ts';
import { paddingBytes, ScannedText, scanLine } from './line-scanner.ts';

/** What a line is. A header names fields and holds no flow. */
export type Line =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'header' }
  | { readonly kind: 'unreadable'; readonly text: string; readonly reason: string };

/**
 * Reads one line of a flow log. Never throws: a line that fits no format, or more than one, is unreadable and says why.
 *
 * @param text one line, without its line break; runs of blanks and tabs part the fields
 * @param formats the formats that the stream carries, at least one
 */
export function parseLine(text: string, formats: readonly Format[]): Line {
  return parseLines([text], formats)[0]!;
}

const afterLast = '\n'.repeat(paddingBytes);

/** Reads lines, as parseLine does each of them. */
export function parseLines(texts: readonly string[], formats: readonly Format[]): Line[] {
  const text = `${texts.join('\n')}${afterLast}`;
  const bytes = Buffer.from(text);
  // Where some of the text is not ASCII, its characters do not lie where its bytes do, and each line is read by itself.
  if (bytes.length !== text.length) {
    return texts.length === 1 ? [parseLineByField(texts[0]!, formats)] : texts.map((one) => parseLine(one, formats));
  }
  const source = new ScannedText(bytes, text, texts.length, formats);
  let end = -1;
  return texts.map((one) => {
    const from = end + 1;
    end = from + one.length;
    const flow = scanLine(source, from, end);
    return flow ? { kind: 'flow', flow } : parseLineByField(one, formats);
  });
}

/** Reads any line, field by field: what parseLine says of each, but that it does not know which are plain. */
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
    const value = token === notAvailable ? token : checkedValue(token, format.kinds[index]!);
    if (value === undefined)
      return { problem: `${name} is ${quote(token)}, expected ${expectation(format.kinds[index]!)}` };
    if (value === notAvailable && isOneOfSeveral && alwaysPresent.has(name)) {
      return { problem: `${name} is not available, which every format's lines have` };
    }
    if (name === 'version' && isOfAnother(value, format, formats)) {
      return { problem: `version is ${quote(token)}, expected ${format.version} of this format` };
    }
    values.push(value);
  }
  return { flow: flowOfValues(format, values) };
}

/** Whether the version is that of another format: a version that no format expects decides nothing. */
function isOfAnother(version: string, format: Format, formats: readonly Format[]): boolean {
  const isVersionOf = (one: Format) => version === String(one.version);
  return !isVersionOf(format) && formats.some(isVersionOf);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text);
}
