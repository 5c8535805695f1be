import type { Flow, FlowText } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { paddingBytes } from '../parse/line-scanner.ts';

/** How the flows of a format are written: for each field what stands before its value, and what it is without one. */
interface Layout {
  /** All that stands before values, one after the other. */
  readonly starts: DataView;
  /** Where what stands before a value begins, and where the last one ends. */
  readonly bounds: Int32Array;
  readonly isQuoted: Uint8Array;
  readonly unavailable: readonly Uint8Array[];
  /** The most bytes of a flow besides its values. */
  readonly size: number;
}

const [dash, quote] = [0x2d, 0x22];
const counted = Buffer.from(',"counted":true}\n');
const notCounted = Buffer.from(',"counted":false}\n');

/** How many bytes are copied at once, as one number; fewer than so many more than asked for are read and written over. */
const step = paddingBytes;

/**
 * Writes flows that are ASCII as the JSON lines that respond/lake-row.ts makes of them, byte by byte: most of the values
 * never become a text of their own.
 */
export class FlowJson {
  /** How many bytes are written. */
  length = 0;
  #bytes = Buffer.alloc(64 * 1024);
  #target = viewOf(this.#bytes);
  #format: Format | undefined;
  #layout: Layout | undefined;
  #source: FlowText | undefined;
  #values: DataView | undefined;

  /** Begins anew. */
  clear(): void {
    this.length = 0;
  }

  toBase64(): string {
    return this.#bytes.toString('base64', 0, this.length);
  }

  /** @param ascii the bytes of the flow's text, with `paddingBytes` more after it */
  add({ format, source, firstBound: first }: Flow, ascii: Uint8Array, isCounted: boolean): void {
    if (format !== this.#format) [this.#format, this.#layout] = [format, layoutOf(format)];
    if (source !== this.#source) [this.#source, this.#values] = [source, viewOf(ascii)];
    const { starts, bounds, isQuoted, unavailable, size } = this.#layout!;
    const values = this.#values!;
    const fields = unavailable.length;
    this.#makeRoom(size + source.bounds[first + fields]! - source.bounds[first]!);
    const bytes = this.#bytes;
    const target = this.#target;
    let at = this.length;
    for (let place = 0; place < fields; place += 1) {
      const from = source.bounds[first + place]!;
      const length = source.bounds[first + place + 1]! - 1 - from;
      if (length === 1 && ascii[from] === dash) {
        at = put(bytes, at, unavailable[place]!);
        continue;
      }
      const start = bounds[place]!;
      const startLength = bounds[place + 1]! - start;
      for (let done = 0; done < startLength; done += step) target.setInt32(at + done, starts.getInt32(start + done));
      at += startLength;
      for (let done = 0; done < length; done += step) target.setInt32(at + done, values.getInt32(from + done));
      at += length;
      if (isQuoted[place] === 1) {
        bytes[at] = quote;
        at += 1;
      }
    }
    this.length = put(bytes, at, isCounted ? counted : notCounted);
  }

  #makeRoom(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#target = viewOf(larger);
  }
}

function put(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (let index = 0; index < word.length; index += 1) bytes[at + index] = word[index]!;
  return at + word.length;
}

function layoutOf({ members }: Format): Layout {
  const texts = members.map(({ prefix: start, isNumber }) => (isNumber ? start : `${start}"`));
  const bounds = new Int32Array(texts.length + 1);
  for (const [place, text] of texts.entries()) bounds[place + 1] = bounds[place]! + text.length;
  return {
    starts: viewOf(Buffer.from(texts.join('') + ' '.repeat(step))),
    bounds,
    isQuoted: Uint8Array.from(members, ({ isNumber }) => (isNumber ? 0 : 1)),
    unavailable: members.map(({ nullMember: unavailable }) => Buffer.from(unavailable)),
    // `null` takes more than the dash and the quotes that it stands for.
    size: bounds.at(-1)! + 4 * texts.length + notCounted.length + step,
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
