import { detachString } from '../common/detach-string.ts';

/** The code of a value that is not available. */
export const noCode = 0;

/** A dictionary above these sizes is replaced before the next batch: a flood of addresses must not keep its memory. */
const maxKept = { codes: 50_000, bytes: 2 * 1024 * 1024 };

/**
 * Numbers the distinct texts of flows: equal texts have equal codes. So the work for a text, such as the tests of rules,
 * is done once for each text and not for each flow.
 *
 * Codes begin at 1. The hash has a random seed, so that nobody can choose addresses that collide.
 */
export class Dictionary {
  /** The number of codes in use, with that of a missing value. */
  size = 1;
  readonly #seed = Math.floor(Math.random() * 2 ** 30);
  #slots = new Int32Array(2048);
  #hashes = new Int32Array(1024);
  /** The end of each text in the bytes. */
  #ends = new Int32Array(1024);
  #bytes = new Uint8Array(16 * 1024);
  #texts: (string | undefined)[] = [undefined];
  #codeOfPort: Int32Array | undefined;

  /** Whether the next batch needs another dictionary. */
  get isLarge(): boolean {
    return this.size > maxKept.codes || this.#ends[this.size - 1]! > maxKept.bytes;
  }

  /** Returns the code of the text in bytes of UTF-8, from one offset to before another; equal bytes have equal codes. */
  codeOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.#seed;
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot]!;
      if (code === 0) return this.#add(slot, hash, bytes, from, to);
      if (this.#hashes[code] === hash && this.#isText(code, bytes, from, to)) return code;
    }
  }

  /** Returns the code of a text. */
  codeOfText(text: string): number {
    // UTF-8 cannot express half of a surrogate pair, which JSON can. No UTF-8 begins with this byte.
    const bytes = text.isWellFormed()
      ? Buffer.from(text)
      : Buffer.concat([Uint8Array.of(0xff), Buffer.from(text, 'utf16le')]);
    const code = this.codeOf(bytes, 0, bytes.length);
    this.#texts[code] ??= detachString(text);
    return code;
  }

  /** Returns the code of the digits of a number from 0 to 65,535. */
  codeOfPort(port: number): number {
    this.#codeOfPort ??= new Int32Array(65_536);
    if (this.#codeOfPort[port] === noCode) this.#codeOfPort[port] = this.codeOfText(String(port));
    return this.#codeOfPort[port]!;
  }

  /** Returns the text of a code; undefined for the code of a missing value. */
  textOf(code: number): string | undefined {
    if (code === noCode) return undefined;
    const known = this.#texts[code];
    if (known !== undefined) return known;
    const bytes = this.#bytes.subarray(this.#ends[code - 1]!, this.#ends[code]!);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
    this.#texts[code] = text;
    return text;
  }

  #isText(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const begin = this.#ends[code - 1]!;
    if (this.#ends[code]! - begin !== to - from) return false;
    for (let at = from; at < to; at += 1) if (this.#bytes[begin + at - from] !== bytes[at]) return false;
    return true;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, from: number, to: number): number {
    const code = this.size;
    if (code === this.#hashes.length) {
      this.#hashes = larger(this.#hashes, 2 * code);
      this.#ends = larger(this.#ends, 2 * code);
    }
    const begin = this.#ends[code - 1]!;
    const end = begin + to - from;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes.subarray(0, begin));
      this.#bytes = grown;
    }
    for (let at = from; at < to; at += 1) this.#bytes[begin + at - from] = bytes[at]!;
    this.#ends[code] = end;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    this.#texts.push(undefined);
    this.size = code + 1;
    if (2 * this.size > this.#slots.length) this.#growSlots();
    return code;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let code = 1; code < this.size; code += 1) {
      let slot = this.#hashes[code]! & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

/** Remembers a number for each code of a dictionary. */
export class CodeMemo {
  #dictionary: Dictionary | undefined;
  #values = new Int32Array(0);

  /** Returns the number of each code of a dictionary, -1 if unknown. The numbers for another dictionary are forgotten. */
  of(dictionary: Dictionary): Int32Array {
    if (dictionary !== this.#dictionary) this.clear();
    this.#dictionary = dictionary;
    if (this.#values.length < dictionary.size) {
      const grown = new Int32Array(Math.max(1024, 2 * dictionary.size)).fill(unknown);
      grown.set(this.#values);
      this.#values = grown;
    }
    return this.#values;
  }

  clear(): void {
    this.#values = new Int32Array(0);
  }
}

const unknown = -1;

function larger(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(values);
  return grown;
}
