import type { Payloads } from '../decode/payloads.ts';
import type { FlowRows } from '../flow-log/flow-rows.ts';
import type { Format } from '../flow-log/format.ts';
import { ScannedText, scanLine } from './line-scanner.ts';

/** The lengths of a record's payload and of its line, in bytes. */
export interface SingleLineRecord {
  readonly payloadLength: number;
  readonly lineLength: number;
}

const prefix = Buffer.from('{"message":"');
const [lineFeed, carriageReturn, quote, openingBrace, closingBrace] = [0x0a, 0x0d, 0x22, 0x7b, 0x7d];

/**
 * The fast path for records with exactly one line: `{"message":"<line>"}`, as VPC Flow Logs sends them, or the bare line,
 * both with an optional line break. A line that scanLine reads has no character that JSON escapes, so the bytes between
 * the quotes are the line.
 */
export class SingleLineRecords {
  readonly #payloads: Payloads;
  /** Where the line of each record begins, and where it ends: -1 if the record is not on the fast path. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #source: ScannedText | undefined;

  /** @param maxBytes maximum size of the payloads; records beyond it are not on the fast path */
  constructor(payloads: Payloads, formats: readonly Format[], maxBytes: number) {
    const { bytes, begins, ends } = payloads;
    this.#payloads = payloads;
    this.#from = new Int32Array(ends.length);
    this.#to = new Int32Array(ends.length).fill(-1);
    let candidates = 0;
    let size = 0;
    for (let index = 0; index < ends.length; index += 1) {
      const length = ends[index]! - begins[index]!;
      if (length <= 0 || size + length > maxBytes || !this.#findLine(index)) continue;
      size += length;
      candidates += 1;
    }
    if (candidates > 0) this.#source = new ScannedText(bytes, bytes.toString('latin1'), candidates, formats);
  }

  /**
   * Reads a record.
   *
   * @param rows receives its flow
   * @param arrival epoch seconds; undefined if unknown
   * @returns undefined if the record is not on the fast path, so that decode-record.ts must read it
   */
  read(index: number, rows: FlowRows, arrival: number | undefined): SingleLineRecord | undefined {
    const [from, to] = [this.#from[index]!, this.#to[index]!];
    if (to < 0 || !this.#source) return undefined;
    const firstBound = this.#source.usedBounds;
    const format = scanLine(this.#source, from, to);
    if (!format) return undefined;
    rows.push(format, this.#source, firstBound, arrival);
    const { begins, ends } = this.#payloads;
    return { payloadLength: ends[index]! - begins[index]!, lineLength: to - from };
  }

  /** Finds the only line of a record. @returns whether there may be one */
  #findLine(index: number): boolean {
    const { bytes, begins, ends } = this.#payloads;
    let from = begins[index]!;
    let to = ends[index]!;
    if (bytes[to - 1] === lineFeed) to -= 1;
    if (bytes[from] === openingBrace) {
      from += prefix.length;
      to -= 2;
      if (to < from || bytes[to] !== quote || bytes[to + 1] !== closingBrace) return false;
      for (let at = 1; at < prefix.length; at += 1) if (bytes[begins[index]! + at] !== prefix[at]) return false;
    } else if (to > from && bytes[to - 1] === carriageReturn) to -= 1;
    this.#from[index] = from;
    this.#to[index] = to;
    return true;
  }
}
