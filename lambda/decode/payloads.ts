import { encodedBytes } from './base64.ts';
import type { EventRecord } from './firehose-event.ts';

/** The number of bytes that follow the last payload: respond/flow-json.ts copies this many at once. */
export const paddingBytes = 4;

/** The decoded payloads of a batch, one after the other in one buffer, with a line feed after each. */
export interface Payloads {
  /** With `paddingBytes` more than all payloads. */
  readonly bytes: Buffer;
  /** For each record, where its payload begins, and where it ends: -1 if it is not valid base64. */
  readonly begins: Int32Array;
  readonly ends: Int32Array;
}

/** Decodes the payloads of records. Never throws. A payload may also be its bytes, as a replay has them. */
export function decodePayloads(records: readonly Pick<EventRecord, 'data'>[]): Payloads {
  let maxBytes = paddingBytes;
  for (const { data } of records) maxBytes += maxLength(data) + 1;
  const bytes = Buffer.allocUnsafe(maxBytes);
  const begins = new Int32Array(records.length);
  const ends = new Int32Array(records.length).fill(-1);
  let at = 0;
  for (let index = 0; index < records.length; index += 1) {
    const { data } = records[index]!;
    begins[index] = at;
    if (typeof data === 'string') {
      const length = bytes.write(data, at, 'base64');
      // Fewer bytes than expected mean that no byte must be lost unnoticed.
      if (length !== encodedBytes(data)) continue;
      at += length;
    } else if (data instanceof Uint8Array) {
      bytes.set(data, at);
      at += data.length;
    } else continue;
    ends[index] = at;
    // No value of a line may continue in the next payload.
    bytes[at] = lineFeed;
    at += 1;
  }
  return { bytes: bytes.subarray(0, at + paddingBytes), begins, ends };
}

/** Returns the payload of a record; undefined if it is not valid base64. */
export function payloadAt({ bytes, begins, ends }: Payloads, index: number): Buffer | undefined {
  return ends[index]! < 0 ? undefined : bytes.subarray(begins[index], ends[index]);
}

const lineFeed = 0x0a;

function maxLength(data: unknown): number {
  if (typeof data === 'string') return Math.ceil((data.length * 3) / 4);
  return data instanceof Uint8Array ? data.length : 0;
}
