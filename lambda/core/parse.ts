import { canonicalAddress } from './address.ts';
import { type FieldKind, notAvailable } from './fields.ts';
import { type Format, isHeader } from './format.ts';
import { parseQuantity, type Quantity } from './quantity.ts';

/** One flow log record, its values checked against their fields' kinds; addresses in their canonical spelling. */
export interface Flow {
  readonly format: Format;
  /** The text of each field, `-` where it is not available, in the format's order. */
  readonly values: readonly string[];
}

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
  const tokens = text.trim().split(/[ \t]+/);
  if (isHeader(tokens)) return { kind: 'header' };
  const candidates = formats.filter((format) => format.names.length === tokens.length);
  if (candidates.length === 0) {
    const expected = [...new Set(formats.map((format) => format.names.length))].join(' or ');
    return { kind: 'unreadable', text, reason: `the line has ${tokens.length} fields, expected ${expected}` };
  }
  const readings = candidates.map((format) => readFlow(tokens, format, formats));
  const flows = readings.filter((reading) => 'flow' in reading);
  if (flows.length === 1) return { kind: 'flow', flow: flows[0]!.flow };
  const reason =
    flows.length > 1
      ? `the line fits ${flows.length} of the configured formats, expected one`
      : readings.map((reading) => ('problem' in reading ? reading.problem : '')).join('; or ');
  return { kind: 'unreadable', text, reason };
}

/** The text of a field; undefined where the format has no such field, or it is not available. */
export function fieldOf(flow: Flow, name: string): string | undefined {
  const index = flow.format.indexOf.get(name);
  const value = index === undefined ? undefined : flow.values[index];
  return value === notAvailable ? undefined : value;
}

/** The number in a field; undefined where the format has no such field, or it is not available. */
export function quantityOf(flow: Flow, name: string): Quantity | undefined {
  const digits = fieldOf(flow, name);
  return digits === undefined ? undefined : parseQuantity(digits);
}

/**
 * A time field in epoch seconds; undefined where not available. Milliseconds, seen in old records, are recognised by
 * their 12 or more digits (as seconds: after the year 5138).
 */
export function secondsOf(flow: Flow, name: 'start' | 'end'): number | undefined {
  const digits = fieldOf(flow, name);
  if (digits === undefined) return undefined;
  return digits.length < 12 ? Number(digits) : Math.floor(Number(digits) / 1000);
}

function readFlow(
  tokens: readonly string[],
  format: Format,
  formats: readonly Format[],
): { flow: Flow } | { problem: string } {
  const values: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const name = format.names[index]!;
    const value = token === notAvailable ? token : checkedValue(token, format.kinds[index]!);
    if (value === undefined)
      return { problem: `${name} is ${quote(token)}, expected ${expectation(format.kinds[index]!)}` };
    if (name === 'version' && isOfAnother(value, format, formats)) {
      return { problem: `version is ${quote(token)}, expected ${format.version} of this format` };
    }
    values.push(value);
  }
  return { flow: { format, values } };
}

/** Whether the version is that of another format: a version that no format expects decides nothing. */
function isOfAnother(version: string, format: Format, formats: readonly Format[]): boolean {
  const isVersionOf = (one: Format) => version === String(one.version);
  return !isVersionOf(format) && formats.some(isVersionOf);
}

const wholeNumber = /^(?:0|[1-9]\d*)$/;

const largest: Partial<Record<string, bigint>> = {
  int32: 2n ** 31n - 1n,
  int64: 2n ** 63n - 1n,
  port: 65_535n,
  protocol: 255n,
  seconds: 9_999_999_999_999n, // thirteen digits: the milliseconds of the year 2286
};

/** More than any published field can hold: a tag's value has 256 characters, each percent-encoded as up to 12. */
const maxTextLength = 4096;

/** The value to keep, or undefined when the text is none of its kind. */
function checkedValue(text: string, kind: FieldKind): string | undefined {
  if (kind === 'string') return text.length <= maxTextLength ? text : undefined;
  if (kind === 'address') return canonicalAddress(text);
  if (typeof kind !== 'string') return kind.includes(text) ? text : undefined;
  if (text.length > 19 || !wholeNumber.test(text)) return undefined;
  return parseQuantity(text) <= largest[kind]! ? text : undefined;
}

function expectation(kind: FieldKind): string {
  if (typeof kind !== 'string') return kind.join(' or ');
  if (kind === 'address') return 'an IPv4 or IPv6 address';
  if (kind === 'string') return `text of at most ${maxTextLength} characters`;
  return `a whole number from 0 to ${largest[kind]}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text);
}
