/** The names of operators as bytes; a name becomes a string when it is asked for. */
export class OperatorNames {
  readonly #ends: Uint32Array;
  readonly #text: Buffer;

  /**
   * @param ends the offset in `text` after each name, ascending
   * @param text the names in UTF-8, one after the other
   */
  constructor(ends: Uint32Array, text: Uint8Array) {
    this.#ends = ends;
    this.#text = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  }

  /** Returns the name of an operator; undefined if it has none. @param index from 0, in the order of AS numbers */
  nameOf(index: number): string | undefined {
    const begin = index === 0 ? 0 : this.#ends[index - 1]!;
    const end = this.#ends[index]!;
    return begin === end ? undefined : this.#text.toString('utf8', begin, end);
  }
}
