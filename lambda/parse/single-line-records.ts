import { encodedBytes } from '../decode/base64.ts';
import type { EventRecord } from '../decode/firehose-event.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { paddingBytes, ScannedText, scanLine } from './line-scanner.ts';

/** A record that was read, and the lengths of its payload and its line in bytes. */
export interface SingleLineRecord {
  readonly flow: Flow;
  readonly payloadLength: number;
  readonly lineLength: number;
}

const prefix = '{"message":"';
const base64Prefix = btoa(prefix);
const [lineFeed, quote, brace] = [0x0a, 0x22, 0x7d];

/**
 * The fast path for the records that VPC Flow Logs sends: `{"message":"<line>"}` with exactly one line, and an optional
 * line break after the object. Decodes all payloads into one buffer. A line that scanLine reads has no character that
 * JSON escapes, so the bytes between the quotes are the line.
 */
export class SingleLineRecords {
  /** The start and the end of each payload in the buffer; the end is 0 for a record that is not on the fast path. */
  readonly #begins: Int32Array;
  readonly #ends: Int32Array;
  readonly #source: ScannedText | undefined;

  /** @param maxBytes maximum size of the decoded payloads; records beyond it are not on the fast path */
  constructor(records: readonly Pick<EventRecord, 'data'>[], formats: readonly Format[], maxBytes: number) {
    this.#begins = new Int32Array(records.length);
    this.#ends = new Int32Array(records.length);
    const candidates: number[] = [];
    let size = 0;
    for (const [index, { data }] of records.entries()) {
      if (typeof data !== 'string' || !data.startsWith(base64Prefix)) continue;
      const maxLength = Math.ceil((data.length * 3) / 4);
      if (size + maxLength > maxBytes) continue;
      size += maxLength;
      candidates.push(index);
    }
    if (candidates.length === 0) return;
    const bytes = Buffer.allocUnsafe(size + paddingBytes);
    let at = 0;
    for (const index of candidates) {
      const data = records[index]!.data as string;
      const length = bytes.write(data, at, 'base64');
      if (length !== encodedBytes(data)) continue;
      this.#begins[index] = at;
      at += length;
      this.#ends[index] = at;
    }
    this.#source = new ScannedText(bytes, bytes.toString('latin1', 0, at), candidates.length, formats);
  }

  /** Reads a record; undefined if it is not on the fast path, so that decode-record.ts must read it. */
  read(index: number): SingleLineRecord | undefined {
    const begin = this.#begins[index]!;
    const end = this.#ends[index]!;
    if (end === 0 || !this.#source) return undefined;
    const { ascii } = this.#source;
    const to = end - (ascii[end - 1] === lineFeed ? 3 : 2);
    const from = begin + prefix.length;
    if (to < from || ascii[to] !== quote || ascii[to + 1] !== brace) return undefined;
    const flow = scanLine(this.#source, from, to);
    return flow && { flow, payloadLength: end - begin, lineLength: to - from };
  }
}
