import { canonicalAddress } from './address.ts';
import { maxTextLength, most } from './field-value.ts';
import { type FieldKind, notAvailable } from './fields.ts';
import type { Flow } from './flow.ts';
import type { Format } from './format.ts';

/**
 * Reads a line as VPC Flow Logs writes it, in one pass: the values of one format in its order, one blank between two of
 * them and nothing around them, each of printable ASCII without quotes and backslashes. Of a line that is anything else,
 * or does not say by itself which of the formats it has, nothing is known here: see core/parse.ts, which says the same of
 * each line that is read here.
 *
 * @param from where the line begins in the text
 * @param to where it ends
 * @returns the flow; undefined where the line must be looked at closely
 */
export function scanLine(text: string, from: number, to: number, formats: readonly Format[]): Flow | undefined {
  if (formats.length === 1) return scanValues(text, from, to, formats[0]!);
  for (const format of formats) {
    const flow = scanValues(text, from, to, format);
    if (flow) return isDecided(flow, formats) ? flow : undefined;
  }
  return undefined;
}

/** Whether the number of fields and the version leave no doubt. */
function isDecided({ format, values }: Flow, formats: readonly Format[]): boolean {
  const version = format.indexOf.get('version');
  if (version !== undefined && values[version] !== String(format.version)) return false;
  return formats.filter(({ names }) => names.length === format.names.length).length === 1;
}

const blank = 0x20;
const quote = 0x22;
const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const backslash = 0x5c;
const tilde = 0x7e;

/** Numbers of more digits than JavaScript's numbers hold for certain are looked at closely. */
const maxDigits = 15;

function scanValues(text: string, from: number, to: number, format: Format): Flow | undefined {
  if (!format.tellsHeaders) return undefined;
  const { kinds } = format;
  const values = new Array<string>(kinds.length);
  let at = from;
  for (let index = 0; index < kinds.length; index += 1) {
    if (index > 0) {
      if (at >= to || text.charCodeAt(at) !== blank) return undefined;
      at += 1;
    }
    const kind = kinds[index]!;
    let end = endOfValue(text, at, to, kind);
    if (end > at) values[index] = text.slice(at, end);
    else if (at < to && text.charCodeAt(at) === dash) {
      values[index] = notAvailable;
      end = at + 1;
    } else {
      // An IPv6 address has more than one spelling.
      end = kind === 'address' ? endOfText(text, at, to) : at;
      const address = end > at ? canonicalAddress(text.slice(at, end)) : undefined;
      if (address === undefined) return undefined;
      values[index] = address;
    }
    at = end;
  }
  return at === to ? { format, values, isPlain: true } : undefined;
}

/** Where the value that begins at a place ends; that place itself, where none of the kind begins. */
function endOfValue(text: string, at: number, to: number, kind: FieldKind): number {
  if (kind === 'string') return endOfText(text, at, to);
  if (kind === 'address') return endOfIpv4(text, at, to);
  if (typeof kind === 'string') return endOfNumber(text, at, to, most[kind]);
  for (const value of kind) if (text.startsWith(value, at)) return at + value.length;
  return at;
}

function endOfText(text: string, at: number, to: number): number {
  let end = at;
  for (; end < to; end += 1) {
    const code = text.charCodeAt(end);
    if (code === blank) break;
    if (code < blank || code > tilde || code === quote || code === backslash) return at;
  }
  return end - at <= maxTextLength ? end : at;
}

function endOfNumber(text: string, at: number, to: number, largest: number): number {
  let end = at;
  let value = 0;
  for (; end < to; end += 1) {
    const digit = text.charCodeAt(end) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const isPadded = end - at > 1 && text.charCodeAt(at) === zero;
  return value > largest || isPadded || end - at > maxDigits ? at : end;
}

function endOfIpv4(text: string, at: number, to: number): number {
  let end = at;
  for (let part = 0; part < 4; part += 1) {
    if (part > 0) {
      if (end >= to || text.charCodeAt(end) !== dot) return at;
      end += 1;
    }
    const next = endOfNumber(text, end, to, 255);
    if (next === end) return at;
    end = next;
  }
  return end;
}
