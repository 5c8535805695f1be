import { detachString } from '../common/detach-string.ts';
import { maxOf, maxTextLength } from '../flow-log/field-value.ts';
import type { FieldKind } from '../flow-log/fields.ts';
import type { FlowText } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { canonicalAddress, endOfIpv4 } from '../networks/ip-address.ts';

/** A buffer of lines, and the positions of the values in those that scanLine has read. */
export class ScannedText implements FlowText {
  readonly ascii: Uint8Array;
  readonly text: string;
  readonly bounds: Int32Array;
  readonly plans: readonly Plan[];
  /** The number of bounds in use. */
  usedBounds = 0;

  /**
   * @param ascii the bytes: one byte of any value follows each line, and `paddingBytes` follow the last
   * @param text one character for each byte
   * @param lines the maximum number of lines to read
   */
  constructor(ascii: Uint8Array, text: string, lines: number, formats: readonly Format[]) {
    this.ascii = ascii;
    this.text = text;
    this.plans = formats.map(planOf);
    this.bounds = new Int32Array(lines * (1 + Math.max(...formats.map(({ names }) => names.length))));
  }
}

/**
 * Reads a line in one pass: the fast path of parse-line.ts, with the same flow for every line that it reads. Values must
 * be canonical, of printable ASCII without quotes and backslashes, with one blank between two. The number of fields and
 * the version must determine the format.
 *
 * @param from the start of the line in the text
 * @param to the end of the line
 * @returns the format; its first bound is at `usedBounds` of before. Undefined if parseLineByField must read the line
 */
export function scanLine(source: ScannedText, from: number, to: number): Format | undefined {
  for (const plan of source.plans) {
    if (!scanValues(source, from, to, plan)) continue;
    const { format } = plan;
    if (source.plans.length > 1 && !isUnambiguous(source, format)) return undefined;
    source.usedBounds += format.names.length + 1;
    return format;
  }
  return undefined;
}

/** Returns whether the number of fields and the version of the line just read determine its format. */
function isUnambiguous({ text, bounds, usedBounds, plans }: ScannedText, { names, indexOf, version }: Format): boolean {
  const index = indexOf.get('version');
  if (index !== undefined) {
    const value = text.slice(bounds[usedBounds + index], bounds[usedBounds + index + 1]! - 1);
    if (value !== String(version)) return false;
  }
  return plans.filter(({ format }) => format.names.length === names.length).length === 1;
}

/** The ways to read a field. */
const step = { text: 0, number: 1, address: 2, word: 3 } as const;

/** The way to read the lines of a format: for each field a step, and the valid values. */
interface Plan {
  readonly format: Format;
  readonly steps: Uint8Array;
  /** The largest valid number of each field. */
  readonly largest: Float64Array;
  /** The valid words of each field. */
  readonly words: readonly (readonly string[])[];
}

const plans = new WeakMap<Format, Plan>();

function planOf(format: Format): Plan {
  const cached = plans.get(format);
  if (cached) return cached;
  const { kinds } = format;
  const plan: Plan = {
    format,
    steps: Uint8Array.from(kinds, stepOf),
    largest: Float64Array.from(kinds, (kind) =>
      isWord(kind) || kind === 'string' || kind === 'address' ? 0 : maxOf[kind],
    ),
    words: kinds.map((kind) => (isWord(kind) ? kind : [])),
  };
  plans.set(format, plan);
  return plan;
}

function stepOf(kind: FieldKind): number {
  if (isWord(kind)) return step.word;
  if (kind === 'string') return step.text;
  return kind === 'address' ? step.address : step.number;
}

function isWord(kind: FieldKind): kind is readonly string[] {
  return typeof kind !== 'string';
}

const blank = 0x20;
const quote = 0x22;
const dash = 0x2d;
const zero = 0x30;
const nine = 0x39;
const backslash = 0x5c;
const tilde = 0x7e;

/** For each byte, 1 if a text may contain it. */
const isTextByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > blank && byte <= tilde && byte !== quote && byte !== backslash ? 1 : 0,
);

/** A longer number may be inexact as a JavaScript number, so parseLineByField reads it. */
const maxDigits = 15;

/** Reads the values of one format and writes their bounds; returns false if the line does not match the format. */
function scanValues({ ascii, text, bounds, usedBounds }: ScannedText, from: number, to: number, plan: Plan): boolean {
  if (!plan.format.hasTypedField) return false;
  const { steps, largest } = plan;
  const last = steps.length - 1;
  let at = from;
  for (let field = 0; field <= last; field += 1) {
    bounds[usedBounds + field] = at;
    const begin = at;
    const first = ascii[at]!;
    const kind = steps[field]!;
    if (first === dash && (ascii[at + 1] === blank || at + 1 === to)) at += 1;
    else if (kind === step.number) {
      let value = 0;
      for (let byte = first; byte >= zero && byte <= nine; byte = ascii[at]!) {
        value = value * 10 + (byte - zero);
        at += 1;
      }
      const digits = at - begin;
      if (value > largest[field]! || digits > maxDigits || (first === zero && digits > 1)) return false;
    } else if (kind === step.text) {
      while (isTextByte[ascii[at]!] === 1) at += 1;
      if (at - begin > maxTextLength) return false;
    } else if (kind === step.address) {
      at = endOfIpv4(ascii, at);
      if (at === begin) {
        while (isTextByte[ascii[at]!] === 1) at += 1;
        if (!isCanonical(text.slice(begin, at))) return false;
      }
    } else at = endOfWord(text, at, plan.words[field]!);
    if (at === begin) return false;
    if (field < last) {
      if (at >= to || ascii[at] !== blank) return false;
      at += 1;
    }
  }
  bounds[usedBounds + last + 1] = at + 1;
  return at === to;
}

/** Returns the end of the word that begins at an offset, or the offset if none of the words begins there. */
function endOfWord(text: string, begin: number, words: readonly string[]): number {
  for (const word of words) if (text.startsWith(word, begin)) return begin + word.length;
  return begin;
}

/** Returns whether an IPv6 address is canonical. Caches the addresses that are, up to a limit. */
function isCanonical(address: string): boolean {
  if (canonicalAddresses.has(address)) return true;
  if (canonicalAddress(address) !== address) return false;
  if (canonicalAddresses.size >= maxCached) canonicalAddresses.clear();
  canonicalAddresses.add(detachString(address));
  return true;
}

const canonicalAddresses = new Set<string>();
const maxCached = 10_000;
