import { createHash } from 'node:crypto';

/** What makes a batch this one, however often it comes. */
export interface Batch {
  /** Eight characters, 48 bits of a hash over the content. */
  readonly token: string;
  /** When the last of its records came in, in epoch seconds. */
  readonly arrival: number;
}

/**
 * The identity of a batch: a hash over its payloads in their order, since neither the invocation's id nor the records'
 * are known to stay the same when Firehose invokes again. An item remembers some hundred tokens; that one of them is
 * another batch's by chance happens once in 10^12 updates. (Text, not bytes: dynalite takes different bytes for equal.)
 */
export function batchToken(payloads: Iterable<unknown>): string {
  const hash = createHash('sha256');
  for (const payload of payloads) hash.update(`${String(payload)}\n`);
  return hash.digest('base64url').slice(0, 8);
}
