import { ByteWriter } from '../common/byte-writer.ts';
import { type Quantity, toQuantity } from '../common/quantity.ts';

/** Amounts by series and slot. */
export type Amounts = ReadonlyMap<string, ReadonlyMap<number, Quantity>>;

/**
 * Encodes the amounts of many slots. A packed slot takes three or four bytes; a separate attribute takes about fifteen.
 *
 * A series is: length of its id, id, number of slots, first slot; then for each slot the doubled amount, plus one if slots
 * are skipped before it, followed by the number of skipped slots. All numbers are LEB128: groups of seven bits, lowest
 * first, with the eighth bit set in all groups but the last.
 */
export function packSlots(amounts: Amounts): Uint8Array {
  const writer = new ByteWriter();
  for (const [series, slots] of amounts) {
    const sorted = [...slots].sort(([a], [b]) => a - b);
    if (sorted.length === 0) continue;
    writer.text(series);
    writer.number(sorted.length);
    writer.number(sorted[0]![0]);
    let previous = sorted[0]![0] - 1;
    for (const [slot, amount] of sorted) {
      const skipped = slot - previous - 1;
      const doubled = typeof amount === 'number' && amount < 2 ** 52 ? amount * 2 : BigInt(amount) * 2n;
      writer.number(skipped === 0 ? doubled : plusOne(doubled));
      if (skipped > 0) writer.number(skipped);
      previous = slot;
    }
  }
  return writer.bytes().slice();
}

/** Decodes the bytes of packSlots. Truncated bytes give the slots before the cut; invalid bytes never throw. */
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
      const hasSkipped = typeof doubled === 'bigint' ? doubled % 2n === 1n : doubled % 2 === 1;
      const amount = typeof doubled === 'bigint' ? toQuantity(doubled / 2n) : Math.floor(doubled / 2);
      slot += 1 + (hasSkipped ? Number(reader.number()) : 0);
      slots.set(slot, amount);
    }
    amounts.set(id, slots);
  }
  return amounts;
}

function plusOne(value: Quantity): Quantity {
  return typeof value === 'bigint' ? value + 1n : value + 1;
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
