import { type Quantity, toQuantity } from './quantity.ts';

/** Appends numbers and text to bytes. */
export class ByteWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  raw(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a whole number from 0 as LEB128: groups of seven bits, lowest first, the eighth bit set in all but the last. */
  number(value: Quantity): void {
    let rest = value;
    while (typeof rest === 'bigint') {
      this.byte(Number(rest % 128n) | 128);
      rest = toQuantity(rest / 128n);
    }
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Appends a whole number of either sign: see zigzag. */
  signed(value: number): void {
    this.number(zigzag(value));
  }

  /** Appends the number of bytes of a text, and its bytes in UTF-8. */
  text(text: string): void {
    const bytes = Buffer.from(text);
    this.number(bytes.length);
    this.raw(bytes);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Returns the number without a sign for a number with one: 0, 1, 2, 3 for 0, -1, 1, -2. */
export function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

/** Returns the number with a sign: the inverse of zigzag. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
