import { createHash } from 'node:crypto';
import type { Batch } from '../counters/batch.ts';
import { dedupTokenLength } from '../counters/counter.ts';
import { type EventRecord, payloadText } from '../decode/firehose-event.ts';
import { timeOf } from '../flow-log/flow.ts';
import { flowsOf, type ReadRecord } from './read-records.ts';

/**
 * Identifies a batch by a hash of its payloads in order: AWS does not document that ids of invocations and records stay
 * the same when Firehose retries. The hash includes the arrival of a record that has a flow without a time, since the
 * arrival is then the flow's time. A batch without a time of arrival arrived with its last flow.
 */
export function identifyBatch(records: readonly EventRecord[], read: readonly ReadRecord[]): Batch {
  const hash = createHash('sha256');
  let content = '';
  let latest = 0;
  let latestEnd = 0;
  for (const [index, { data, arrival }] of records.entries()) {
    let hasTimes = true;
    for (const flow of flowsOf(read[index]!)) {
      const end = timeOf(flow);
      if (end === undefined) hasTimes = false;
      else if (end > latestEnd) latestEnd = end;
    }
    content += `${payloadText(data)}${hasTimes ? '' : ` ${arrival}`}\n`;
    if (content.length > charactersPerUpdate) {
      hash.update(content);
      content = '';
    }
    if (arrival !== undefined && arrival > latest) latest = arrival;
  }
  hash.update(content);
  // Text, since dynalite takes different bytes for equal. An item has at most a hundred tokens, mostly a dozen, so one in
  // 10^11 updates finds an equal token of another batch.
  const digest = hash.digest('base64url');
  return {
    dedupToken: withVersion(digest.slice(0, dedupTokenLength)),
    check: digest.slice(dedupTokenLength, 2 * dedupTokenLength),
    arrival: latest || latestEnd,
  };
}

/**
 * The version of the hash, from 0 to 7: counters and batch markers hold tokens for weeks, and a token of another hash must
 * not be taken for one of this hash. A change of the hash, or of the bytes that it reads, needs another version.
 */
const tokenVersion = 1;

/** Replaces the first three bits of a token by the version: so a token of version 1 begins with a letter from I to P. */
function withVersion(token: string): string {
  const first = base64url.indexOf(token[0]!);
  return `${base64url[tokenVersion * 8 + (first % 8)]}${token.slice(1)}`;
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** An update of the hash for each record would take more time than the hash itself. */
const charactersPerUpdate = 64 * 1024;
