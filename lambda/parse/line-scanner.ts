import { detachString } from '../common/detach-string.ts';
import { maxOf, maxTextLength } from '../flow-log/field-value.ts';
import type { FieldKind } from '../flow-log/fields.ts';
import { Flow, type FlowText } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { canonicalAddress, endOfIpv4 } from '../networks/ip-address.ts';

/** How many bytes must follow the last line: respond/flow-json.ts copies so many at once. */
export const paddingBytes = 4;

/** Bytes in which lines lie that may be read, and where the values of those that were read begin. */
export class ScannedText implements FlowText {
  readonly ascii: Uint8Array;
  readonly text: string;
  readonly bounds: Int32Array;
  readonly plans: readonly Plan[];
  /** How many of the bounds are taken. */
  usedBounds = 0;

  /**
   * @param ascii the bytes: after each line one that is not of it, whatever it be, and `paddingBytes` after the last
   * @param text a character for each byte
   * @param lines how many lines may be read at most
   */
  constructor(ascii: Uint8Array, text: string, lines: number, formats: readonly Format[]) {
    this.ascii = ascii;
    this.text = text;
    this.plans = formats.map(planOf);
    this.bounds = new Int32Array(lines * (1 + Math.max(...formats.map(({ names }) => names.length))));
  }
}

/**
 * Reads a line as VPC Flow Logs writes it, in one pass: the values of one format in its order, one blank between two of
 * them and nothing around them, each of printable ASCII without quotes and backslashes. Of a line that is anything else,
 * or does not say by itself which of the formats it has, nothing is known here: see parse/parse-line.ts, which says the same of
 * each line that is read here.
 *
 * @param from where the line begins in the text
 * @param to where it ends
 * @returns the flow; undefined where the line must be looked at closely
 */
export function scanLine(source: ScannedText, from: number, to: number): Flow | undefined {
  for (const plan of source.plans) {
    if (!scanValues(source, from, to, plan)) continue;
    const { format } = plan;
    const flow = new Flow(format, source, source.usedBounds);
    if (source.plans.length > 1 && !isDecided(flow, source.plans)) return undefined;
    source.usedBounds += format.names.length + 1;
    return flow;
  }
  return undefined;
}

/** Whether the number of fields and the version leave no doubt. */
function isDecided(flow: Flow, plans: readonly Plan[]): boolean {
  const { names, indexOf, version } = flow.format;
  const place = indexOf.get('version');
  if (place !== undefined && flow.value(place) !== String(version)) return false;
  return plans.filter(({ format }) => format.names.length === names.length).length === 1;
}

/** What is done at a field of a line. */
const step = { text: 0, number: 1, address: 2, word: 3 } as const;

/** How the lines of a format are read: a step for each field, and what it takes there. */
interface Plan {
  readonly format: Format;
  readonly steps: Uint8Array;
  /** The largest number. */
  readonly largest: Float64Array;
  readonly words: readonly (readonly string[])[];
}

const plans = new WeakMap<Format, Plan>();

function planOf(format: Format): Plan {
  const known = plans.get(format);
  if (known) return known;
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

/** By byte, whether it may be part of a text. */
const isOfText = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > blank && byte <= tilde && byte !== quote && byte !== backslash ? 1 : 0,
);

/** Numbers of more digits than JavaScript's numbers hold for certain are looked at closely. */
const maxDigits = 15;

function scanValues(
  { ascii, text, bounds, usedBounds: used }: ScannedText,
  from: number,
  to: number,
  plan: Plan,
): boolean {
  if (!plan.format.hasTypedField) return false;
  const { steps, largest } = plan;
  const last = steps.length - 1;
  let at = from;
  for (let place = 0; place <= last; place += 1) {
    bounds[used + place] = at;
    const begin = at;
    const first = ascii[at]!;
    const kind = steps[place]!;
    if (first === dash && (ascii[at + 1] === blank || at + 1 === to)) at += 1;
    else if (kind === step.number) {
      let value = 0;
      for (let byte = first; byte >= zero && byte <= nine; byte = ascii[at]!) {
        value = value * 10 + (byte - zero);
        at += 1;
      }
      const digits = at - begin;
      if (value > largest[place]! || digits > maxDigits || (first === zero && digits > 1)) return false;
    } else if (kind === step.text) {
      while (isOfText[ascii[at]!] === 1) at += 1;
      if (at - begin > maxTextLength) return false;
    } else if (kind === step.address) {
      at = endOfIpv4(ascii, at);
      if (at === begin) {
        while (isOfText[ascii[at]!] === 1) at += 1;
        if (!isCanonical(text.slice(begin, at))) return false;
      }
    } else at = endOfWord(text, at, plan.words[place]!);
    if (at === begin) return false;
    if (place < last) {
      if (at >= to || ascii[at] !== blank) return false;
      at += 1;
    }
  }
  bounds[used + last + 1] = at + 1;
  return at === to;
}

/** Where the word ends that begins at a place; that place itself, where none does. */
function endOfWord(text: string, begin: number, words: readonly string[]): number {
  for (const word of words) if (text.startsWith(word, begin)) return begin + word.length;
  return begin;
}

/** Whether an IPv6 address is spelled in the one way: those that were met are remembered, as far as memory allows. */
function isCanonical(address: string): boolean {
  if (canonicals.has(address)) return true;
  if (canonicalAddress(address) !== address) return false;
  if (canonicals.size >= maxCanonicals) canonicals.clear();
  canonicals.add(detachString(address));
  return true;
}

const canonicals = new Set<string>();
const maxCanonicals = 10_000;
