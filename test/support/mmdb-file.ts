/**
 * Writes MMDB files by "MaxMind DB File Format Specification" 2.0. The code shares nothing with the reader, so that it can
 * check it. Addresses are numbers, and a network is a number and the length of its prefix.
 */

/** A value of the data section. Numbers are uint32, bigints uint64; bytes are put as they are. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue };

export interface MmdbNetwork {
  readonly first: bigint;
  /** Length of the prefix in the tree: IPv4 in a tree of IPv6 has 96 more. */
  readonly length: number;
  readonly data: MmdbValue;
}

export interface MmdbFile {
  readonly ipVersion: 4 | 6;
  readonly recordSize: 24 | 28 | 32;
  /** A smaller network replaces a part of an earlier larger one. */
  readonly networks: readonly MmdbNetwork[];
  /** Prefixes that lead to the node of ::/96, if it is a node. */
  readonly aliases?: readonly { readonly first: bigint; readonly length: number }[];
  /** Writes repeated texts as pointers. */
  readonly hasPointers?: boolean;
  /** Replaces fields of the metadata; undefined removes one. */
  readonly metadata?: Readonly<Record<string, MmdbValue | undefined>>;
}

/** The time of the build in the metadata, in epoch seconds. */
export const buildEpoch = 1_795_910_400;

type Node = { left: Slot; right: Slot };
type Slot = Node | MmdbValue | undefined;

const isNode = (slot: Slot): slot is Node => typeof slot === 'object' && 'left' in slot && 'right' in slot;

export function mmdbFile(file: MmdbFile): Buffer {
  const bits = file.ipVersion === 4 ? 32 : 128;
  const root: Node = { left: undefined, right: undefined };
  for (const { first, length, data } of file.networks) insert(root, first, length, bits, data);
  const ipv4 = nodeAt(root, 96);
  for (const { first, length } of file.aliases ?? []) if (ipv4) insert(root, first, length, bits, ipv4);
  return assembled(root, file);
}

/** Puts a slot at a prefix. A larger network on the way is divided. */
function insert(root: Node, first: bigint, length: number, bits: number, slot: Slot): void {
  let node = root;
  for (let depth = 0; depth < length; depth += 1) {
    const side = (first >> BigInt(bits - 1 - depth)) & 1n ? 'right' : 'left';
    if (depth === length - 1) node[side] = slot;
    else {
      const next = node[side];
      const child: Node = isNode(next) ? next : { left: next, right: next };
      node[side] = child;
      node = child;
    }
  }
}

function nodeAt(slot: Slot, depth: number): Node | undefined {
  if (!isNode(slot)) return undefined;
  return depth === 0 ? slot : nodeAt(slot.left, depth - 1);
}

function assembled(root: Node, { ipVersion, recordSize, hasPointers = false, metadata = {} }: MmdbFile): Buffer {
  const nodes: Node[] = [];
  const numbers = new Map<Node, number>();
  const number = (node: Node) => {
    if (numbers.has(node)) return;
    numbers.set(node, nodes.push(node) - 1);
    for (const slot of [node.left, node.right]) if (isNode(slot)) number(slot);
  };
  number(root);
  const data = new DataWriter(hasPointers);
  const recordOf = (slot: Slot) => {
    if (slot === undefined) return nodes.length;
    return isNode(slot) ? numbers.get(slot)! : nodes.length + 16 + data.offsetOf(slot);
  };
  const tree = Buffer.concat(nodes.map(({ left, right }) => nodeBytes(recordOf(left), recordOf(right), recordSize)));
  const fields: Record<string, MmdbValue | undefined> = {
    node_count: nodes.length,
    record_size: recordSize,
    ip_version: ipVersion,
    database_type: 'Made-up-Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(buildEpoch),
    description: { en: 'made up' },
    ...metadata,
  };
  const given = Object.entries(fields).filter((entry): entry is [string, MmdbValue] => entry[1] !== undefined);
  return Buffer.concat([tree, Buffer.alloc(16), data.bytes, marker, encoded(Object.fromEntries(given))]);
}

export const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

export function nodeBytes(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  if (recordSize !== 28) return Buffer.from(hex(left, recordSize / 4) + hex(right, recordSize / 4), 'hex');
  const [l, r] = [hex(left, 7), hex(right, 7)];
  return Buffer.from(l.slice(1) + l[0] + r[0] + r.slice(1), 'hex');
}

class DataWriter {
  bytes = Buffer.alloc(0);
  readonly #hasPointers: boolean;
  readonly #texts = new Map<string, number>();
  readonly #values = new Map<MmdbValue, number>();

  constructor(hasPointers: boolean) {
    this.#hasPointers = hasPointers;
  }

  /** Puts a value once, and returns its offset. */
  offsetOf(value: MmdbValue): number {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    // Texts come first, so that the value can point to them.
    const content = this.#hasPointers ? encoded(value, (text) => this.#pointerTo(text)) : encoded(value);
    const offset = this.bytes.length;
    this.#values.set(value, offset);
    this.bytes = Buffer.concat([this.bytes, content]);
    return offset;
  }

  #pointerTo(text: string): Buffer {
    if (!this.#texts.has(text)) {
      this.#texts.set(text, this.bytes.length);
      this.bytes = Buffer.concat([this.bytes, encoded(text)]);
    }
    return pointer(this.#texts.get(text)!);
  }
}

/** Returns a pointer of the smallest length, or of a given one. */
export function pointer(
  target: number,
  length = target < 2048 ? 1 : target < 526_336 ? 2 : target < 134_744_064 ? 3 : 4,
): Buffer {
  const value = target - [0, 0, 2048, 526_336, 0][length]!;
  const bits = value.toString(2).padStart(length === 4 ? 32 : 3 + 8 * length, '0');
  const all = `001${(length - 1).toString(2).padStart(2, '0')}${length === 4 ? '000' : ''}${bits}`;
  return Buffer.from(all.match(/.{8}/g)!.map((one) => Number.parseInt(one, 2)));
}

/** Encodes a value. @param textOf how texts are written */
export function encoded(value: MmdbValue, textOf: (text: string) => Buffer = plainText): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return numberBytes(6, BigInt(value));
  if (typeof value === 'bigint') return numberBytes(9, value);
  if (typeof value === 'boolean') return head(14, value ? 1 : 0);
  if (Array.isArray(value)) {
    const items = value as readonly MmdbValue[];
    return Buffer.concat([head(11, items.length), ...items.map((item) => encoded(item, textOf))]);
  }
  const entries = Object.entries(value as Readonly<Record<string, MmdbValue>>);
  return Buffer.concat([head(7, entries.length), ...entries.flat().map((one) => encoded(one, textOf))]);
}

function plainText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([head(2, bytes.length), bytes]);
}

function numberBytes(type: number, value: bigint): Buffer {
  const hex = value === 0n ? '' : value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([head(type, bytes.length), bytes]);
}

/** Returns the control bytes of a value. */
export function head(type: number, size: number): Buffer {
  const [short, further] =
    size < 29
      ? [size, '']
      : size < 285
        ? [29, (size - 29).toString(16).padStart(2, '0')]
        : size < 65_821
          ? [30, (size - 285).toString(16).padStart(4, '0')]
          : [31, (size - 65_821).toString(16).padStart(6, '0')];
  const control = type < 8 ? [(type << 5) | short] : [short, type - 7];
  return Buffer.concat([Buffer.from(control), Buffer.from(further, 'hex')]);
}
