import { paddingBytes } from '../decode/payloads.ts';
import type { FlowText } from '../flow-log/flow.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import type { Format } from '../flow-log/format.ts';

/** The bytes around the values of a format, for each field. */
interface Layout {
  /** The prefixes of all fields, concatenated. */
  readonly prefixes: DataView;
  /** The start of each prefix, and the end of the last. */
  readonly bounds: Int32Array;
  /** For each field, 1 if a quote follows its value. */
  readonly isQuoted: Uint8Array;
  /** The prefix and `null` of each field. */
  readonly nullMembers: readonly Uint8Array[];
  /** The maximum number of bytes of a flow besides its values. */
  readonly maxOverhead: number;
}

const [dash, quote] = [0x2d, 0x22];
const counted = Buffer.from(',"counted":true}\n');
const notCounted = Buffer.from(',"counted":false}\n');

/** The number of bytes to copy at once, as one 32-bit number. A copy may read and write up to 3 bytes past its end. */
const step = paddingBytes;

/**
 * The fast path of respond/lake-row.ts: writes ASCII flows as the same JSON lines, from the bytes of their text. It
 * allocates no strings for values.
 */
export class FlowJson {
  /** The number of bytes written. */
  length = 0;
  #bytes = Buffer.alloc(64 * 1024);
  #target = viewOf(this.#bytes);
  #format: Format | undefined;
  #layout: Layout | undefined;
  #source: FlowText | undefined;
  #values: DataView | undefined;

  /** Removes all lines. */
  clear(): void {
    this.length = 0;
  }

  /** Returns all lines in base64. */
  toBase64(): string {
    return this.#bytes.toString('base64', 0, this.length);
  }

  /** Appends the line of a flow, or returns false if its text is not ASCII without characters that JSON escapes. */
  add(rows: FlowRows, row: number, isCounted: boolean): boolean {
    const format = rows.formats[rows.formatOf[row]!]!;
    const source = rows.texts[rows.textOf[row]!]!;
    const firstBound = rows.firstBound[row]!;
    const { ascii } = source;
    if (!ascii) return false;
    if (format !== this.#format) {
      this.#format = format;
      this.#layout = layoutOf(format);
    }
    if (source !== this.#source) {
      this.#source = source;
      this.#values = viewOf(ascii);
    }
    const { prefixes, bounds, isQuoted, nullMembers, maxOverhead } = this.#layout!;
    const values = this.#values!;
    const fields = nullMembers.length;
    this.#reserve(maxOverhead + source.bounds[firstBound + fields]! - source.bounds[firstBound]!);
    const bytes = this.#bytes;
    const target = this.#target;
    let at = this.length;
    for (let field = 0; field < fields; field += 1) {
      const from = source.bounds[firstBound + field]!;
      const length = source.bounds[firstBound + field + 1]! - 1 - from;
      if (length === 1 && ascii[from] === dash) {
        at = put(bytes, at, nullMembers[field]!);
        continue;
      }
      const prefix = bounds[field]!;
      const prefixLength = bounds[field + 1]! - prefix;
      for (let done = 0; done < prefixLength; done += step)
        target.setInt32(at + done, prefixes.getInt32(prefix + done));
      at += prefixLength;
      for (let done = 0; done < length; done += step) target.setInt32(at + done, values.getInt32(from + done));
      at += length;
      if (isQuoted[field] === 1) {
        bytes[at] = quote;
        at += 1;
      }
    }
    this.length = put(bytes, at, isCounted ? counted : notCounted);
    return true;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#target = viewOf(larger);
  }
}

/** Copies a short text to an offset; returns the offset behind it. */
function put(bytes: Uint8Array, at: number, text: Uint8Array): number {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text[index]!;
  return at + text.length;
}

function layoutOf({ members }: Format): Layout {
  const prefixes = members.map(({ prefix, isNumber }) => (isNumber ? prefix : `${prefix}"`));
  const bounds = new Int32Array(prefixes.length + 1);
  for (const [field, prefix] of prefixes.entries()) bounds[field + 1] = bounds[field]! + prefix.length;
  return {
    prefixes: viewOf(Buffer.from(prefixes.join('') + ' '.repeat(step))),
    bounds,
    isQuoted: Uint8Array.from(members, ({ isNumber }) => (isNumber ? 0 : 1)),
    nullMembers: members.map(({ nullMember }) => Buffer.from(nullMember)),
    // `null` is longer than the dash that it replaces, and than two quotes.
    maxOverhead: bounds.at(-1)! + 4 * prefixes.length + notCounted.length + step,
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
