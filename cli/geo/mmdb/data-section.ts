import { MmdbError } from './mmdb-error.ts';

/** The types of values that the reader tells from others ("MaxMind DB File Format Specification", "Output Data Section"). */
const type = { extended: 0, pointer: 1, text: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 };
const maxType = 15;
/** Types of the specification that no file has: a cache container and an end marker. */
const unusedTypes = [12, 13];

/** The most bytes of an unsigned number of each type. */
const maxNumberBytes: Readonly<Record<number, number>> = { [type.uint16]: 2, [type.uint32]: 4, [type.uint64]: 8 };

/** What a pointer of each length adds to its target, in bytes. */
const pointerBases = [0, 2048, 526_336, 0];
/** What a size of one to three further bytes adds to them. */
const sizeBases = [29, 285, 65_821];

/** The head of a value. The size of a pointer is its target, and that of a container the number of its members. */
interface Head {
  readonly type: number;
  readonly size: number;
  /** Offset of the content. */
  readonly begin: number;
}

/**
 * Values of an MMDB file by their offsets in a section. Only values that are asked for are decoded, and no pointer of
 * another value is followed. Each method throws MmdbError for bytes outside, a wrong type, or too much work.
 */
export class DataSection {
  readonly #bytes: Buffer;
  #work: number;

  /** @param maxWork bound of the values read and the bytes of texts, in all calls: values may share bytes without end */
  constructor(bytes: Buffer, maxWork: number) {
    this.#bytes = bytes;
    this.#work = maxWork;
  }

  /** Returns the offset of each value of a map by its key. */
  fields(offset: number): ReadonlyMap<string, number> {
    const { begin, size } = this.#expect(offset, [type.map], 'a map');
    const fields = new Map<string, number>();
    let at = begin;
    for (let count = 0; count < size; count += 1) {
      const key = this.#textBytes(at).toString('latin1');
      const value = this.#end(at);
      fields.set(key, value);
      at = this.#end(value);
    }
    return fields;
  }

  isMap(offset: number): boolean {
    return this.#target(offset).type === type.map;
  }

  isText(offset: number): boolean {
    return this.#target(offset).type === type.text;
  }

  text(offset: number): string {
    try {
      return utf8.decode(this.#textBytes(offset));
    } catch (error) {
      if (error instanceof MmdbError) throw error;
      throw new MmdbError(`the text at byte ${offset} of the data is not UTF-8`);
    }
  }

  /** Returns an unsigned number of up to 64 bits; above 2^53, the nearest number. */
  unsigned(offset: number): number {
    const types = Object.keys(maxNumberBytes).map(Number);
    const head = this.#expect(offset, types, 'an unsigned number');
    if (head.size > maxNumberBytes[head.type]!)
      throw new MmdbError(`the number at byte ${offset} of the data has ${head.size} bytes`);
    return this.#number(head.begin, head.size);
  }

  #textBytes(offset: number): Buffer {
    const { begin, size } = this.#expect(offset, [type.text], 'a text');
    this.#checkInside(begin, size);
    this.#charge(size);
    return this.#bytes.subarray(begin, begin + size);
  }

  #expect(offset: number, types: readonly number[], noun: string): Head {
    const head = this.#target(offset);
    if (!types.includes(head.type)) throw new MmdbError(`the value at byte ${offset} of the data is not ${noun}`);
    return head;
  }

  /** Returns the head of a value, or of the value that a pointer leads to. */
  #target(offset: number): Head {
    const head = this.#head(offset);
    if (head.type !== type.pointer) return head;
    const target = this.#head(head.size);
    if (target.type === type.pointer)
      throw new MmdbError(`the pointer at byte ${offset} of the data leads to a pointer`);
    return target;
  }

  /** Returns the offset after a value and its members. */
  #end(offset: number): number {
    let at = offset;
    for (let open = 1; open > 0; open -= 1) {
      const head = this.#head(at);
      at = head.begin;
      if (head.type === type.map) open += 2 * head.size;
      else if (head.type === type.array) open += head.size;
      else if (head.type !== type.pointer && head.type !== type.boolean) at += head.size;
    }
    return at;
  }

  #head(offset: number): Head {
    this.#charge(1);
    const control = this.#number(offset, 1);
    const short = control >>> 5;
    if (short === type.pointer) {
      const length = (control >>> 3) & 3;
      const high = length === 3 ? 0 : (control & 7) * 256 ** (length + 1);
      const size = high + this.#number(offset + 1, length + 1) + pointerBases[length]!;
      return { type: short, size, begin: offset + 2 + length };
    }
    const isExtended = short === type.extended;
    const begin = offset + (isExtended ? 2 : 1);
    const kind = isExtended ? 7 + this.#number(offset + 1, 1) : short;
    if (kind > maxType || (isExtended && kind === 7) || unusedTypes.includes(kind))
      throw new MmdbError(`the value at byte ${offset} of the data has the unknown type ${kind}`);
    const size = control & 31;
    if (size < 29) return { type: kind, size, begin };
    const further = size - 28;
    return { type: kind, size: sizeBases[further - 1]! + this.#number(begin, further), begin: begin + further };
  }

  #number(offset: number, length: number): number {
    this.#checkInside(offset, length);
    let value = 0;
    for (let at = offset; at < offset + length; at += 1) value = value * 256 + this.#bytes[at]!;
    return value;
  }

  #checkInside(offset: number, length: number): void {
    if (offset + length > this.#bytes.length)
      throw new MmdbError(
        `the data has a value at bytes ${offset} to ${offset + length}, but ends at byte ${this.#bytes.length}`,
      );
  }

  #charge(work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw new MmdbError('the data has values that are nested or shared too often');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
