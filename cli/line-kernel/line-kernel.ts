import { readFileSync } from 'node:fs';
import { groupMask, type Network } from '../../lambda/networks/ip-address.ts';
import type { TimeRange } from '../flow-files/time-range.ts';
import { type LineCounts, lineCountNames } from '../statistics/flow-counts.ts';
import type { LinePlan } from './line-plan.ts';

/** The functions and counts that the kernel exports: `assembly/index.ts`. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly isFull: Count;
  planFields(fields: number, numbers: number, texts: number, mayBeHeader: number): void;
  planAddresses(source: number, destination: number, packetSource: number, packetDestination: number): void;
  planValues(bytes: number, start: number, end: number): void;
  planWords(action: number, status: number, direction: number): void;
  planVersion(version: number, foreign: bigint): void;
  planSpelling(isStrict: number): void;
  planNetworks(ipv4: number, ipv6: number): number;
  planRange(from: bigint, to: bigint): void;
  startTable(a: bigint, b: bigint, c: bigint, d: bigint): void;
  count(begin: number, length: number): number;
  check(begin: number, length: number): number;
  readonly lineCount: Count;
  readonly crLfCount: Count;
  readonly leftCount: Count;
  readonly pairCount: Count;
  addGiven(): void;
  addEntries(count: number): void;
  entryOf(number: number): number;
  rank(): void;
  readonly rankedCount: Count;
  rankedEntry(rank: number): number;
  readonly totalBytes: Long;
  readonly totalBytesHigh: Long;
  readonly totalRejects: Long;
  print(from: number, to: number): number;
  readonly printedTo: Count;
}

interface Count {
  readonly value: number;
}

interface Long {
  readonly value: bigint;
}

/** Where things are in the kernel's memory: `assembly/layout.ts`. */
const layout = {
  numbers: 0x1000,
  texts: 0x2000,
  given: 0x4c00,
  counts: 0x4d00,
  words: 0x5000,
  left: 0x15_0000,
  text: 0x1a_0000,
  textBytes: 0x14_0000,
} as const;

/** Bytes of a pair's entry: `assembly/pair-table.ts`. */
export const entryBytes = 64;

let compiled: WebAssembly.Module | undefined;

/** An instance of the WebAssembly kernel that counts and checks flow log lines: see README.md of this folder. */
export class LineKernel {
  readonly exports: KernelExports;
  #bytes: Buffer;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./line-kernel.wasm', import.meta.url)));
    this.exports = new WebAssembly.Instance(compiled).exports as unknown as KernelExports;
    this.#bytes = Buffer.from(this.exports.memory.buffer);
    for (const [index, word] of [...jsonWords, `}${pairSeparator}`].entries()) {
      this.#bytes[layout.words + index * 32] = word.length;
      this.#bytes.write(word, layout.words + index * 32 + 1, 'latin1');
    }
    this.startTable();
  }

  /** All memory. It is valid until pairs are added, because the memory then may grow. */
  get bytes(): Buffer {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  /** The room for text. It is valid until pairs are added. */
  get text(): Buffer {
    return this.bytes.subarray(layout.text, layout.text + layout.textBytes);
  }

  /** The place of an entry to add. */
  get given(): Buffer {
    return this.bytes.subarray(layout.given, layout.given + entryBytes);
  }

  /** Returns a pair's entry at an address. */
  entryAt(address: number): Buffer {
    return this.bytes.subarray(address, address + entryBytes);
  }

  /** What the lines of the last scan were, without the lines that it has left. */
  get counts(): LineCounts {
    const values = new Float64Array(this.exports.memory.buffer, layout.counts, lineCountNames.length);
    return Object.fromEntries(lineCountNames.map((name, index) => [name, values[index]!])) as LineCounts;
  }

  /** The offset and the length of each line that the last scan has left. */
  get leftLines(): { readonly offset: number; readonly length: number }[] {
    const { bytes } = this;
    return Array.from({ length: this.exports.leftCount.value }, (_, index) => {
      const at = layout.left + index * 8;
      return { offset: bytes.readUInt32LE(at), length: bytes.readUInt32LE(at + 4) };
    }).sort((a, b) => a.offset - b.offset);
  }

  /** Empties the table of pairs. Its hashes have a new random seed, so that nobody can choose addresses that collide. */
  startTable(): void {
    this.exports.startTable(randomWord(), randomWord(), randomWord(), randomWord());
  }

  /**
   * Sets how lines are read.
   *
   * @param isStrict whether IPv6 addresses in another spelling than the canonical one are left to the slow path
   */
  plan(plan: LinePlan, isStrict = false): void {
    const { bytes } = this;
    for (const [index, { field, limit }] of plan.numbers.entries()) {
      const at = layout.numbers + index * 16;
      bytes.writeUInt32LE(field, at);
      bytes.writeBigUInt64LE(BigInt(limit), at + 8);
    }
    for (const [index, field] of plan.texts.entries()) bytes.writeUInt32LE(field, layout.texts + index * 4);
    const foreign = plan.foreignVersions.reduce((bits, version) => bits | (1n << BigInt(version)), 0n);
    this.exports.planFields(plan.format.names.length, plan.numbers.length, plan.texts.length, Number(plan.mayBeHeader));
    this.exports.planAddresses(plan.srcaddr, plan.dstaddr, plan.pktSrcaddr, plan.pktDstaddr);
    const indexOfNumber = (name: string) => plan.numbers.findIndex(({ field }) => plan.format.names[field] === name);
    this.exports.planValues(indexOfNumber('bytes'), indexOfNumber('start'), indexOfNumber('end'));
    this.exports.planWords(plan.action, plan.logStatus, plan.flowDirection);
    this.exports.planVersion(indexOfNumber('version'), foreign);
    this.exports.planSpelling(Number(isStrict));
  }

  /**
   * Sets which flows are counted. Must be called when the table is empty.
   *
   * @param monitoredNetworks the networks by which duplicate observations are found
   * @param range limits the flows by their end (default: all flows)
   */
  planCounting(monitoredNetworks: readonly Network[], range: TimeRange | undefined): void {
    const ipv4 = monitoredNetworks.filter(({ groups }) => groups.length === 2);
    const ipv6 = monitoredNetworks.filter(({ groups }) => groups.length === 8);
    let at = this.call(() => this.exports.planNetworks(ipv4.length, ipv6.length));
    const { bytes } = this;
    for (const { groups, length } of ipv4) {
      bytes.writeUInt32LE(((groups[0]! << 16) | groups[1]!) >>> 0, at);
      bytes.writeUInt32LE(length === 0 ? 0 : (-1 << (32 - length)) >>> 0, at + 4);
      at += 8;
    }
    for (const { groups, length } of ipv6) {
      for (const [index, group] of groups.entries()) {
        bytes.writeUInt16BE(group, at + index * 2);
        bytes.writeUInt16BE(groupMask(length, index), at + 16 + index * 2);
      }
      at += 32;
    }
    this.exports.planRange(secondOf(range?.from ?? 0), secondOf(range?.to ?? Number.POSITIVE_INFINITY));
  }

  /** Calls a function that may add pairs. @throws Error if the memory is full */
  call<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (this.exports.isFull.value === 0) throw error;
      throw new Error('the pairs of addresses take more than 4 GiB of memory: count fewer files at once');
    }
  }
}

/** The text around the values of a pair in JSON: `assembly/print.ts`. */
const jsonWords = ['{"src":"', '","dst":"', '","bytes":', ',"rejects":', ',"firstSeen":', ',"lastSeen":'];

/** The text between two pairs. */
export const pairSeparator = ',\n    ';

const latest = 2n ** 62n;

function secondOf(time: number): bigint {
  return time === Number.POSITIVE_INFINITY ? latest : BigInt(Math.max(0, Math.ceil(time)));
}

/** Returns 64 random bits. They never leave the process, so nobody can learn them; node:crypto takes 5 ms to load. */
function randomWord(): bigint {
  const half = () => BigInt(Math.floor(Math.random() * 2 ** 32));
  return (half() << 32n) | half();
}
