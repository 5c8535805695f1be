import type { EventRecord } from '../decode/firehose-event.ts';
import type { Flow } from '../flow-log/flow.ts';
import type { Format } from '../flow-log/format.ts';
import { paddingBytes, ScannedText, scanLine } from './line-scanner.ts';

/** A record that was read, and how long its payload and its line are, in bytes. */
export interface SingleLineRecord {
  readonly flow: Flow;
  readonly payloadLength: number;
  readonly lineLength: number;
}

const start = '{"message":"';
const startInBase64 = btoa(start);
const [lineFeed, quote, brace] = [0x0a, 0x22, 0x7d];

/**
 * Reads records as VPC Flow Logs puts them to Firehose: `{"message":"<line>"}`, with or without a line break after it, of
 * one line as parse/line-scanner.ts knows it, in base64 without line breaks. Such a line has no character that JSON would
 * escape, so what lies between the quotes is the message. Of any other record nothing is known here: see decode/decode-record.ts,
 * which reads all of them, these too.
 *
 * The payloads lie one after the other in one text.
 */
export class SingleLineRecords {
  /** Where each payload begins and ends; nowhere, where it is not usual. */
  readonly #begins: Int32Array;
  readonly #ends: Int32Array;
  readonly #source: ScannedText | undefined;

  /** @param maxBytes how much of the records may be decoded here */
  constructor(records: readonly Pick<EventRecord, 'data'>[], formats: readonly Format[], maxBytes: number) {
    this.#begins = new Int32Array(records.length);
    this.#ends = new Int32Array(records.length);
    const usual: number[] = [];
    let room = 0;
    for (const [index, { data }] of records.entries()) {
      if (typeof data !== 'string' || !data.startsWith(startInBase64)) continue;
      const most = Math.ceil((data.length * 3) / 4);
      if (room + most > maxBytes) continue;
      room += most;
      usual.push(index);
    }
    if (usual.length === 0) return;
    const bytes = Buffer.allocUnsafe(room + paddingBytes);
    let at = 0;
    for (const index of usual) {
      const data = records[index]!.data as string;
      const length = bytes.write(data, at, 'base64');
      const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
      // Node's decoder skips what it does not know.
      if (length !== (data.length / 4) * 3 - padding) continue;
      this.#begins[index] = at;
      at += length;
      this.#ends[index] = at;
    }
    this.#source = new ScannedText(bytes, bytes.toString('latin1', 0, at), usual.length, formats);
  }

  /** @returns undefined where the record must be looked at closely */
  read(index: number): SingleLineRecord | undefined {
    const begin = this.#begins[index]!;
    const end = this.#ends[index]!;
    if (end === 0 || !this.#source) return undefined;
    const { ascii } = this.#source;
    const to = end - (ascii[end - 1] === lineFeed ? 3 : 2);
    const from = begin + start.length;
    if (to < from || ascii[to] !== quote || ascii[to + 1] !== brace) return undefined;
    const flow = scanLine(this.#source, from, to);
    return flow && { flow, payloadLength: end - begin, lineLength: to - from };
  }
}
