import { createHash } from 'node:crypto';
import type { Batch } from '../counters/batch.ts';
import { dedupTokenLength } from '../counters/counter.ts';
import { type EventRecord, payloadText } from '../decode/firehose-event.ts';
import { timeOf } from '../flow-log/flow.ts';
import { flowsOf, type ReadRecord } from './read-records.ts';

/**
 * The identity of a batch: a hash over its payloads in their order, since neither the invocation's id nor the records'
 * are known to stay the same when Firehose invokes again. An item remembers a hundred tokens at most, mostly a
 * dozen; that one of them is another batch's by chance happens once in 10^12 updates. (Text, not bytes: dynalite takes different bytes for equal.)
 *
 * Where a record holds a flow that has no time of its own, that of its arrival is part of its content: it is the flow's,
 * and tells it from others that print alike. A batch that does not say when it arrived counts as having arrived with its
 * last flow.
 */
export function identifyBatch(records: readonly EventRecord[], read: readonly ReadRecord[]): Batch {
  const hash = createHash('sha256');
  let content = '';
  let latest = 0;
  let latestEnd = 0;
  for (const [index, { data, arrival }] of records.entries()) {
    let isTimed = true;
    for (const flow of flowsOf(read[index]!)) {
      const end = timeOf(flow);
      if (end === undefined) isTimed = false;
      else if (end > latestEnd) latestEnd = end;
    }
    content += `${payloadText(data)}${isTimed ? '' : ` ${arrival}`}\n`;
    if (content.length > hashedAtOnce) {
      hash.update(content);
      content = '';
    }
    if (arrival !== undefined && arrival > latest) latest = arrival;
  }
  hash.update(content);
  const digest = hash.digest('base64url');
  return {
    dedupToken: digest.slice(0, dedupTokenLength),
    check: digest.slice(dedupTokenLength, 2 * dedupTokenLength),
    arrival: latest || latestEnd,
  };
}

/** In characters: a call for each record takes more time than the hash. */
const hashedAtOnce = 64 * 1024;
