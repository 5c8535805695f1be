import { unzigzag } from '../../common/byte-writer.ts';
import { FlowError } from '../../common/errors.ts';
import { type Quantity, toQuantity } from '../../common/quantity.ts';

/** The most bytes of a number: 2^140 has more than the 38 digits of a DynamoDB number. */
const maxNumberBytes = 20;

/** The most entries and characters that a page may have in memory, since a few bytes may refer to many. */
const maxExpansion = 2 ** 24;

/** Reads the bytes of ByteWriter. Each method throws FlowError `PAGE_INVALID` if the bytes end or are out of range. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  #expansion = maxExpansion;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    if (this.#at >= this.#bytes.length) throw this.invalid('the end of the bytes', 'a further byte');
    return this.#bytes[this.#at++]!;
  }

  raw(length: number): Uint8Array {
    if (length > this.remaining) throw this.invalid(`${length} bytes of content`, `at most ${this.remaining}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  quantity(): Quantity {
    const from = this.#at;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return Number.isSafeInteger(value) ? value : this.#exact(from);
      if (this.#at - from >= maxNumberBytes) throw this.invalid('a longer number', `at most ${maxNumberBytes} bytes`);
    }
  }

  number(): number {
    const value = this.quantity();
    if (typeof value === 'bigint') throw this.invalid(String(value), 'a number below 2^53');
    return value;
  }

  /** Reads a number below a limit: an index, or a small count. */
  below(limit: number, what: string): number {
    const value = this.number();
    if (value >= limit) throw this.invalid(`${what} ${value}`, `a number below ${limit}`);
    return value;
  }

  /** Reads a number of entries of at least one byte each, and takes them from the budget: see expand. */
  count(what: string): number {
    const entries = this.below(this.remaining + 1, `a number of ${what}`);
    this.expand(entries);
    return entries;
  }

  signed(): number {
    return unzigzag(this.number());
  }

  text(): string {
    return this.textOf(this.count('characters'));
  }

  /** Reads the text of a number of bytes. */
  textOf(length: number): string {
    return Buffer.from(this.raw(length)).toString();
  }

  /** Takes entries from the budget of the page, so that a small page stays small in memory. */
  expand(entries: number): void {
    this.#expansion -= entries;
    if (this.#expansion < 0) throw this.invalid('more content', `at most ${maxExpansion} entries and characters`);
  }

  /** Returns the error of invalid content at this position. */
  invalid(got: string, expected: string): FlowError {
    return invalidPage(`got ${got} before byte ${this.#at} of its content, expected ${expected}`);
  }

  #exact(from: number): Quantity {
    const digits = this.#bytes.subarray(from, this.#at);
    return toQuantity(digits.reduceRight((value, byte) => value * 128n + BigInt(byte & 127), 0n));
  }
}

/** Returns the error of a page that cannot be unpacked. */
export function invalidPage(problem: string, cause?: unknown): FlowError {
  const remedy = 'keep the page and report it: its flows are in the lake, and its deltas are not counted';
  return new FlowError('PAGE_INVALID', `the journal page is invalid: ${problem}; ${remedy}`, { cause });
}
