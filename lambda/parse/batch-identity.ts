import { createHash } from 'node:crypto';
import type { Batch } from '../counters/batch.ts';
import { dedupTokenLength } from '../counters/counter.ts';
import { type EventRecord, payloadText } from '../decode/firehose-event.ts';
import { noNumber, ownTimesOf } from '../flow-log/flow-columns.ts';
import type { ReadBatch } from './read-records.ts';

/**
 * A hash of a batch. Counters and batch markers hold its tokens as long as they are stored, so a token carries the version
 * of its form. A change of the hash, or of the bytes that it reads, is a new form; the former one stays in the list.
 */
export interface TokenForm {
  /** From 0 to 7. */
  readonly version: number;
  /** Returns a hash of at least 96 bits in base64url. */
  readonly digest: (records: readonly EventRecord[], read: ReadBatch, times: Float64Array) => string;
}

/** The forms of tokens, the present one first. Batches that are redriven may be known by a former one. */
export const tokenForms: readonly [TokenForm, ...TokenForm[]] = [{ version: 1, digest: hashOfPayloads }];

/**
 * Identifies a batch by a hash of its content: AWS does not document that ids of invocations and records stay the same
 * when Firehose retries. A batch without a time of arrival arrived with its last flow.
 *
 * @param times the time of each flow: see ownTimesOf
 */
export function identifyBatch(
  records: readonly EventRecord[],
  read: ReadBatch,
  { version, digest }: TokenForm = tokenForms[0],
  times: Float64Array = ownTimesOf(read.rows),
): Batch {
  // Text, since dynalite takes different bytes for equal. An item has at most a hundred tokens, mostly a dozen, so one in
  // 10^11 updates finds an equal token of another batch.
  const text = digest(records, read, times);
  let latest = 0;
  for (const { arrival } of records) if (arrival !== undefined && arrival > latest) latest = arrival;
  return {
    dedupToken: versionedToken(version, text.slice(0, dedupTokenLength)),
    check: text.slice(dedupTokenLength, 2 * dedupTokenLength),
    // Without flows that have a time, it is 0.
    arrival: latest || times.reduce((last, time) => Math.max(last, time), 0),
  };
}

/**
 * Hashes the payloads in order, one per line. The hash includes the arrival of a record that has a flow without a time,
 * since the arrival is then the flow's time.
 */
function hashOfPayloads(records: readonly EventRecord[], read: ReadBatch, times: Float64Array): string {
  const hash = createHash('sha256');
  // An update of the hash for each record would take more time than the hash itself, and a joined text would be garbage.
  const lines = Buffer.allocUnsafe(64 * 1024);
  let used = 0;
  for (let index = 0; index < records.length; index += 1) {
    const { data, arrival } = records[index]!;
    const { fromRow, toRow } = read.records[index]!;
    const payload = payloadText(data);
    const line = hasFlowWithoutTime(times, fromRow, toRow) ? `${payload} ${arrival}` : payload;
    const maxBytes = line.length * maxBytesOfCharacter + 1;
    if (used + maxBytes > lines.length) {
      hash.update(lines.subarray(0, used));
      used = 0;
    }
    if (maxBytes > lines.length) hash.update(`${line}\n`);
    else {
      used += lines.write(line, used);
      lines[used] = lineFeed;
      used += 1;
    }
  }
  return hash.update(lines.subarray(0, used)).digest('base64url');
}

const lineFeed = 0x0a;

/** In UTF-8; of a character in a JavaScript string. */
const maxBytesOfCharacter = 3;

function hasFlowWithoutTime(times: Float64Array, fromRow: number, toRow: number): boolean {
  for (let row = fromRow; row < toRow; row += 1) if (times[row] === noNumber) return true;
  return false;
}

/** Replaces the first three bits of a token by the version: so a token of version 1 begins with a letter from I to P. */
export function versionedToken(version: number, token: string): string {
  const first = base64url.indexOf(token[0]!);
  return `${base64url[version * 8 + (first % 8)]}${token.slice(1)}`;
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
