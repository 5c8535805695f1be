import type { Metadata } from './metadata.ts';
import { MmdbError } from './mmdb-error.ts';

/** A network that has data. */
export interface TreeNetwork {
  readonly first: bigint;
  readonly last: bigint;
  /** The length of its prefix. */
  readonly length: number;
  /** Offset of its data in the data section, in bytes. */
  readonly data: number;
}

type Visit = (network: TreeNetwork) => void;

/** Zeros between the tree and the data. */
const separatorBytes = 16;

/** Nodes may be shared by a few networks. A tree that reaches more than these times its nodes would never end. */
const maxVisitsOfNode = 2;

/** The tree of an MMDB file ("MaxMind DB File Format Specification", "Binary Search Tree Section"). */
export class SearchTree {
  readonly #bytes: Buffer;
  readonly #nodeCount: number;
  readonly #recordSize: Metadata['recordSize'];
  /** The record of 0.0.0.0/0. In a tree of IPv6, IPv4 is in ::/96. */
  readonly #ipv4: number;
  /** The record of 2000::/3; undefined in a tree of IPv4. */
  readonly #ipv6: number | undefined;
  #visitsLeft: number;

  /** Offset of the first byte of the data. */
  readonly dataBegin: number;

  /** @throws MmdbError if the file is too short for its tree */
  constructor(bytes: Buffer, { begin, nodeCount, recordSize, ipVersion }: Metadata) {
    this.dataBegin = (nodeCount * recordSize) / 4 + separatorBytes;
    if (this.dataBegin > begin)
      throw new MmdbError(
        `the tree has ${nodeCount} nodes and so ${this.dataBegin} bytes, but the file has only ${begin}`,
      );
    this.#bytes = bytes;
    this.#nodeCount = nodeCount;
    this.#recordSize = recordSize;
    this.#visitsLeft = maxVisitsOfNode * nodeCount;
    this.#ipv4 = this.#recordOf(ipVersion === 4 ? [] : new Array<number>(96).fill(0));
    this.#ipv6 = ipVersion === 4 ? undefined : this.#recordOf([0, 0, 1]);
  }

  /** Number of nodes that the walks have visited. */
  get visits(): number {
    return maxVisitsOfNode * this.#nodeCount - this.#visitsLeft;
  }

  /** Calls a function for each network of IPv4 with data, ascending. @throws MmdbError if the tree has no end */
  walkIpv4(visit: Visit): void {
    this.#walk(this.#ipv4, 0, 0n, 32, visit);
  }

  /**
   * Does the same for IPv6, for 2000::/3: all other addresses are not public. The tree has IPv4 again, for instance as
   * 2002::/16, by records that lead to the same node. Such a network is left out.
   */
  walkIpv6(visit: Visit): void {
    if (this.#ipv6 !== undefined) this.#walk(this.#ipv6, 3, 1n << 125n, 128, visit);
  }

  #walk(record: number, depth: number, first: bigint, bits: 32 | 128, visit: Visit): void {
    if (record === this.#nodeCount) return;
    if (record > this.#nodeCount) {
      const data = record - this.#nodeCount - separatorBytes;
      if (data < 0) throw new MmdbError('the tree has a record that leads before the data');
      visit({ first, last: first | ((1n << BigInt(bits - depth)) - 1n), length: depth, data });
      return;
    }
    if (bits === 128 && record === this.#ipv4) return;
    if (depth === bits) throw new MmdbError(`the tree is deeper than the ${bits} bits of an address`);
    this.#visitsLeft -= 1;
    if (this.#visitsLeft < 0) throw new MmdbError('the tree has a cycle, or networks that share too many nodes');
    this.#walk(this.#recordAt(record, 0), depth + 1, first, bits, visit);
    this.#walk(this.#recordAt(record, 1), depth + 1, first | (1n << BigInt(bits - depth - 1)), bits, visit);
  }

  /** Returns the record of a prefix. If the tree ends before, the record of the end has all networks of the prefix. */
  #recordOf(prefix: readonly number[]): number {
    return prefix.reduce((record, bit) => (record < this.#nodeCount ? this.#recordAt(record, bit) : record), 0);
  }

  /** Returns a record of a node. The first record is left, and the second right. */
  #recordAt(node: number, side: number): number {
    const begin = (node * this.#recordSize) / 4;
    if (this.#recordSize !== 28) {
      const length = this.#recordSize / 8;
      return this.#bytes.readUIntBE(begin + side * length, length);
    }
    // The byte in the middle has the highest four bits of both records.
    const middle = this.#bytes[begin + 3]!;
    return side === 0
      ? (middle >>> 4) * 2 ** 24 + this.#bytes.readUIntBE(begin, 3)
      : (middle & 15) * 2 ** 24 + this.#bytes.readUIntBE(begin + 4, 3);
  }
}
