import { canonicalAddress } from './address.ts';
import { maxTextLength, most } from './field-value.ts';
import { Flow, type FlowText } from './flow.ts';
import type { Format } from './format.ts';
import { ownText } from './own-text.ts';

/** Bytes in which lines lie that may be read, and where the values of those that were read begin. */
export class ScannedText implements FlowText {
  readonly ascii: Uint8Array;
  readonly text: string;
  readonly bounds: Int32Array;
  /** How many of the bounds are taken. */
  used = 0;

  /**
   * @param ascii the bytes; after each line one that is not of it, whatever it be
   * @param text a character for each byte
   * @param lines how many lines may be read at most
   */
  constructor(ascii: Uint8Array, text: string, lines: number, formats: readonly Format[]) {
    this.ascii = ascii;
    this.text = text;
    this.bounds = new Int32Array(lines * (1 + Math.max(...formats.map(({ names }) => names.length))));
  }
}

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
export function scanLine(source: ScannedText, from: number, to: number, formats: readonly Format[]): Flow | undefined {
  for (const format of formats) {
    if (!scanValues(source, from, to, format)) continue;
    const flow = new Flow(format, source, source.used);
    if (formats.length > 1 && !isDecided(flow, formats)) return undefined;
    source.used += format.names.length + 1;
    return flow;
  }
  return undefined;
}

/** Whether the number of fields and the version leave no doubt. */
function isDecided(flow: Flow, formats: readonly Format[]): boolean {
  const { format } = flow;
  const version = format.indexOf.get('version');
  if (version !== undefined && flow.value(version) !== String(format.version)) return false;
  return formats.filter(({ names }) => names.length === format.names.length).length === 1;
}

const blank = 0x20;
const quote = 0x22;
const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const backslash = 0x5c;
const tilde = 0x7e;

/** By byte, whether it may be part of a text. */
const isOfText = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > blank && byte <= tilde && byte !== quote && byte !== backslash ? 1 : 0,
);

/** Numbers of more digits than JavaScript's numbers hold for certain are looked at closely. */
const maxDigits = 15;

function scanValues({ ascii, text, bounds, used }: ScannedText, from: number, to: number, format: Format): boolean {
  if (!format.tellsHeaders) return false;
  const { kinds } = format;
  let at = from;
  for (let place = 0; place < kinds.length; place += 1) {
    const kind = kinds[place]!;
    bounds[used + place] = at;
    const begin = at;
    const first = ascii[at]!;
    if (first === dash && (ascii[at + 1] === blank || at + 1 === to)) at += 1;
    else if (kind === 'string') {
      while (isOfText[ascii[at]!] === 1) at += 1;
      if (at - begin > maxTextLength) return false;
    } else if (kind === 'address') {
      at = endOfIpv4(ascii, at);
      if (at === begin) {
        while (isOfText[ascii[at]!] === 1) at += 1;
        if (!isCanonical(text.slice(begin, at))) return false;
      }
    } else if (typeof kind === 'string') {
      let value = 0;
      for (let byte = first; byte >= zero && byte <= nine; byte = ascii[at]!) {
        value = value * 10 + (byte - zero);
        at += 1;
      }
      const isPadded = first === zero && at - begin > 1;
      if (value > most[kind] || isPadded || at - begin > maxDigits) return false;
    } else {
      for (const word of kind) {
        if (!text.startsWith(word, at)) continue;
        at += word.length;
        break;
      }
    }
    if (at === begin) return false;
    if (place < kinds.length - 1) {
      if (at >= to || ascii[at] !== blank) return false;
      at += 1;
    }
  }
  bounds[used + kinds.length] = at + 1;
  return at === to;
}

/** Where the IPv4 address ends that begins at a place; that place itself, where none does. */
function endOfIpv4(ascii: Uint8Array, begin: number): number {
  let at = begin;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (; ; at += 1) {
    const byte = ascii[at]!;
    if (byte >= zero && byte <= nine) {
      if (digits > 0 && part === 0) return begin;
      part = part * 10 + (byte - zero);
      digits += 1;
      if (part > 255) return begin;
    } else if (byte === dot && digits > 0 && dots < 3) {
      dots += 1;
      part = 0;
      digits = 0;
    } else return dots === 3 && digits > 0 ? at : begin;
  }
}

/** Whether an IPv6 address is spelled in the one way: those that were met are remembered, as far as memory allows. */
function isCanonical(address: string): boolean {
  if (canonicals.has(address)) return true;
  if (canonicalAddress(address) !== address) return false;
  if (canonicals.size >= maxCanonicals) canonicals.clear();
  canonicals.add(ownText(address));
  return true;
}

const canonicals = new Set<string>();
const maxCanonicals = 10_000;
