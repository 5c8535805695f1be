import { createHash } from 'node:crypto';

/** What makes a batch this one, however often it comes. */
export interface Batch {
  /** Twelve hex digits of a hash over the content. */
  readonly token: string;
  /** When the last of its records came in, in epoch seconds. */
  readonly arrival: number;
}

/**
 * The identity of a batch: a hash over its payloads in their order, since neither the invocation's id nor the records'
 * are known to stay the same when Firehose invokes again. 48 bits: of the 300 tokens that an item holds at most, one is
 * another batch's by chance once in 10^12 updates.
 */
export function batchToken(payloads: Iterable<unknown>): string {
  const hash = createHash('sha256');
  for (const payload of payloads) hash.update(`${String(payload)}\n`);
  return hash.digest('hex').slice(0, 12);
}
