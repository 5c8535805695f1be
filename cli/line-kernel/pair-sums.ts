import { type Quantity, toQuantity } from '../../lambda/common/quantity.ts';
import { addressGroups, addressText } from '../../lambda/networks/ip-address.ts';
import { type PairCounter, pairJson } from '../statistics/pair-counter.ts';
import { entryBytes, LineKernel, pairSeparator } from './line-kernel.ts';

/** Offsets in a pair's entry: `assembly/pair-table.ts`. */
const entry = { source: 0, destination: 16, sum: 32, sumHigh: 40, rejects: 44, first: 48, last: 56 } as const;
const keyBytes = 16;

const secondsBits = 40n;
/** All bits of the seconds: an unknown time. */
const unknownSeconds = 2 ** 40 - 1;
const [ipv6Source, ipv6Destination] = [1, 2];

/** The sums of pairs, in the memory of a kernel. */
export class PairSums {
  readonly kernel = new LineKernel();

  /** Number of pairs, also of those without counted flows. */
  get size(): number {
    return this.kernel.exports.pairCount.value;
  }

  /**
   * Adds the sums of a pair, whose addresses have their canonical spelling.
   *
   * @throws Error if the memory is full
   */
  add({ src, dst, bytes, rejects, firstSeen, lastSeen }: PairCounter): void {
    const { given } = this.kernel;
    const kinds =
      (writeKey(given, entry.source, src) ? ipv6Source : 0) |
      (writeKey(given, entry.destination, dst) ? ipv6Destination : 0);
    const sum = BigInt(bytes);
    given.writeBigUInt64LE(BigInt.asUintN(64, sum), entry.sum);
    given.writeUInt32LE(Number(sum >> 64n), entry.sumHigh);
    given.writeUInt32LE(rejects % 2 ** 32, entry.rejects);
    const rejectsHigh = BigInt(Math.floor(rejects / 2 ** 32));
    const first = (BigInt(kinds) << 56n) | (rejectsHigh << secondsBits) | BigInt(secondsOf(firstSeen));
    given.writeBigUInt64LE(first, entry.first);
    given.writeBigUInt64LE((1n << secondsBits) | BigInt(secondsOf(lastSeen)), entry.last);
    this.kernel.call(() => this.kernel.exports.addGiven());
  }

  /** Returns all entries, for another thread. */
  entries(): Uint8Array<ArrayBuffer> {
    const { size, kernel } = this;
    const all = new Uint8Array(size * entryBytes);
    for (let number = 0; number < size; number += blockEntries) {
      const count = Math.min(blockEntries, size - number);
      const from = kernel.exports.entryOf(number);
      all.set(kernel.bytes.subarray(from, from + count * entryBytes), number * entryBytes);
    }
    return all;
  }

  /** Adds the entries of another thread or table. @throws Error if the memory is full */
  addEntries(entries: Uint8Array): void {
    const { kernel } = this;
    const room = Math.floor(kernel.text.length / entryBytes) * entryBytes;
    for (let at = 0; at < entries.length; at += room) {
      const some = entries.subarray(at, at + room);
      kernel.text.set(some);
      kernel.call(() => kernel.exports.addEntries(some.length / entryBytes));
    }
  }

  /** Removes all pairs. */
  clear(): void {
    this.kernel.startTable();
  }

  /** Returns the pairs with counted flows, the busiest first (busiestFirst). */
  ranked(): RankedPairs {
    this.kernel.call(() => this.kernel.exports.rank());
    return new RankedPairs(this.kernel);
  }
}

/** Entries in a block of the kernel: `assembly/pair-table.ts`. */
const blockEntries = 4096;

/** Counters of pairs, the busiest first. Each is created on access, because most are only printed once. */
export class RankedPairs {
  readonly #kernel: LineKernel;

  constructor(kernel: LineKernel) {
    this.#kernel = kernel;
  }

  get length(): number {
    return this.#kernel.exports.rankedCount.value;
  }

  /** The totals of all pairs. */
  get total(): Pick<PairCounter, 'bytes' | 'rejects'> {
    const { totalBytes, totalBytesHigh, totalRejects } = this.#kernel.exports;
    const unsigned = ({ value }: { readonly value: bigint }) => BigInt.asUintN(64, value);
    const bytes = (unsigned(totalBytesHigh) << 64n) | unsigned(totalBytes);
    return { bytes: toQuantity(bytes), rejects: Number(unsigned(totalRejects)) };
  }

  *[Symbol.iterator](): Generator<PairCounter> {
    for (let rank = 0; rank < this.length; rank += 1) yield this.#counterAt(rank);
  }

  slice(from: number, to: number): PairCounter[] {
    const pairs: PairCounter[] = [];
    for (let rank = from; rank < Math.min(to, this.length); rank += 1) pairs.push(this.#counterAt(rank));
    return pairs;
  }

  /**
   * Yields the pairs as pairJson writes them: texts of one pair, and bytes of many with `pairSeparator` between two. The bytes
   * are valid until the next are taken.
   */
  *json(): Generator<string | Uint8Array> {
    const { exports } = this.#kernel;
    for (let rank = 0; rank < this.length; ) {
      const bytes = exports.print(rank, this.length);
      if (bytes > 0) yield this.#kernel.text.subarray(0, bytes - pairSeparator.length);
      rank = exports.printedTo.value;
      // The kernel prints sums of up to 64 bits.
      if (rank === this.length || this.#entryAt(rank).readUInt32LE(entry.sumHigh) === 0) continue;
      yield pairJson(this.#counterAt(rank));
      rank += 1;
    }
  }

  #entryAt(rank: number): Buffer {
    return this.#kernel.entryAt(this.#kernel.exports.rankedEntry(rank));
  }

  #counterAt(rank: number): PairCounter {
    const bytes = this.#entryAt(rank);
    const [firstLow, firstHigh] = [bytes.readUInt32LE(entry.first), bytes[entry.first + 4]!];
    const [lastLow, lastHigh] = [bytes.readUInt32LE(entry.last), bytes[entry.last + 4]!];
    const first = firstHigh * 2 ** 32 + firstLow;
    const kinds = bytes[entry.first + 7]!;
    return {
      src: readKey(bytes, entry.source, (kinds & ipv6Source) !== 0),
      dst: readKey(bytes, entry.destination, (kinds & ipv6Destination) !== 0),
      bytes: sumOf(bytes),
      rejects: bytes.readUInt16LE(entry.first + 5) * 2 ** 32 + bytes.readUInt32LE(entry.rejects),
      firstSeen: first === unknownSeconds ? Number.POSITIVE_INFINITY : first,
      lastSeen: lastHigh * 2 ** 32 + lastLow,
    };
  }
}

/** Writes the key of an address: IPv4 as its text, IPv6 as its bits. @returns whether it is IPv6 */
function writeKey(bytes: Buffer, at: number, address: string): boolean {
  bytes.fill(0, at, at + keyBytes);
  const groups = addressGroups(address)!;
  if (groups.length === 2) bytes.write(address, at, 'latin1');
  else for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, at + index * 2);
  return groups.length === 8;
}

function readKey(bytes: Buffer, at: number, isIpv6: boolean): string {
  if (isIpv6) return addressText(Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + index * 2)));
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}

function sumOf(bytes: Buffer): Quantity {
  const [low, middle, high] = [
    bytes.readUInt32LE(entry.sum),
    bytes.readUInt32LE(entry.sum + 4),
    bytes.readUInt32LE(entry.sumHigh),
  ];
  if (high === 0 && middle < 2 ** 21) return middle * 2 ** 32 + low;
  return toQuantity((BigInt(high) << 64n) | (BigInt(middle) << 32n) | BigInt(low));
}

/** Returns a time for 40 bits. A flow's time fits; the made-up arrival of a file that a hostile name states may not. */
function secondsOf(time: number): number {
  if (time === Number.POSITIVE_INFINITY) return unknownSeconds;
  return Math.min(Math.max(Math.floor(time), 0), unknownSeconds - 1);
}
