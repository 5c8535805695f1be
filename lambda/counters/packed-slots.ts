import { type Quantity, toQuantity } from '../common/quantity.ts';

/** Amounts by series and slot. */
export type Amounts = ReadonlyMap<string, ReadonlyMap<number, Quantity>>;

/**
 * Writes amounts of many slots as bytes. An attribute of its own costs a slot some fifteen bytes, most of them for its name;
 * here it takes three or four.
 *
 * Each series is the length of its id, the id, how many slots it has, the first slot, and for each slot its amount
 * doubled, and one more where slots lie between it and the one before: then their number follows. All numbers are in groups
 * of seven bits, the lowest first, and all groups but the last of a number have the eighth bit set (LEB128).
 */
export function packSlots(amounts: Amounts): Uint8Array {
  const bytes: number[] = [];
  for (const [series, slots] of amounts) {
    const sorted = [...slots].sort(([a], [b]) => a - b);
    if (sorted.length === 0) continue;
    const id = Buffer.from(series);
    write(bytes, id.length);
    bytes.push(...id);
    write(bytes, sorted.length);
    write(bytes, sorted[0]![0]);
    let before = sorted[0]![0] - 1;
    for (const [slot, amount] of sorted) {
      const between = slot - before - 1;
      const doubled = typeof amount === 'number' && amount < 2 ** 52 ? amount * 2 : BigInt(amount) * 2n;
      write(bytes, between === 0 ? doubled : plusOne(doubled));
      if (between > 0) write(bytes, between);
      before = slot;
    }
  }
  return Uint8Array.from(bytes);
}

/** Reads what packSlots wrote; of bytes that break off, what is whole. */
export function unpackSlots(bytes: Uint8Array): Map<string, Map<number, Quantity>> {
  const amounts = new Map<string, Map<number, Quantity>>();
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const id = reader.text(Number(reader.number()));
    const count = Number(reader.number());
    let slot = Number(reader.number()) - 1;
    const slots = new Map<number, Quantity>();
    for (let n = 0; n < count && !reader.isAtEnd; n += 1) {
      const doubled = reader.number();
      const isApart = typeof doubled === 'bigint' ? doubled % 2n === 1n : doubled % 2 === 1;
      const amount = typeof doubled === 'bigint' ? toQuantity(doubled / 2n) : Math.floor(doubled / 2);
      slot += 1 + (isApart ? Number(reader.number()) : 0);
      slots.set(slot, amount);
    }
    amounts.set(id, slots);
  }
  return amounts;
}

function plusOne(value: Quantity): Quantity {
  return typeof value === 'bigint' ? value + 1n : value + 1;
}

function write(bytes: number[], value: Quantity): void {
  let rest = value;
  while (typeof rest === 'bigint') {
    bytes.push(Number(rest % 128n) | 128);
    rest = toQuantity(rest / 128n);
  }
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): Quantity {
    const from = this.#at;
    let value = 0;
    for (let scale = 1; this.#at < this.#bytes.length; scale *= 128) {
      const byte = this.#bytes[this.#at]!;
      this.#at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return Number.isSafeInteger(value) ? value : this.#exact(from);
    }
    return 0;
  }

  text(length: number): string {
    const text = Buffer.from(this.#bytes.subarray(this.#at, this.#at + length)).toString();
    this.#at += length;
    return text;
  }

  #exact(from: number): bigint {
    return this.#bytes.subarray(from, this.#at).reduceRight((value, byte) => value * 128n + BigInt(byte & 127), 0n);
  }
}
