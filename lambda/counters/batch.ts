import { createHash } from 'node:crypto';
import type { ArrivedFlow } from '../aggregate/aggregate.ts';
import { type EventRecord, payloadText } from '../decode/firehose-event.ts';
import { flowsOf, type ReadRecord } from '../decode/read-records.ts';
import { secondsOf, timeOf } from '../flow-log/flow.ts';
import { tokenLength } from './counter.ts';

/** What makes a batch this one, however often it comes. */
export interface Batch {
  /** Eight characters, 48 bits of a hash over the content. */
  readonly token: string;
  /** Eight characters more, that tell two batches with one token apart where a batch would not be counted at all. */
  readonly check?: string;
  /** When the last of its records came in, in epoch seconds. */
  readonly arrival: number;
}

/** The minute of a batch's arrival, since the epoch. */
export function minuteOf({ arrival }: Batch): number {
  return Math.floor(arrival / 60);
}

/**
 * The identity of a batch: a hash over its payloads in their order, since neither the invocation's id nor the records'
 * are known to stay the same when Firehose invokes again. An item remembers a hundred tokens at most, mostly a
 * dozen; that one of them is another batch's by chance happens once in 10^12 updates. (Text, not bytes: dynalite takes different bytes for equal.)
 *
 * Where a record holds a flow that has no time of its own, that of its arrival is part of its content: it is the flow's,
 * and tells it from others that print alike. A batch that does not say when it arrived counts as having arrived with its
 * last flow.
 */
export function identify(records: readonly EventRecord[], read: readonly ReadRecord[]): Batch {
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
    token: digest.slice(0, tokenLength),
    check: digest.slice(tokenLength, 2 * tokenLength),
    arrival: latest || latestEnd,
  };
}

/** In characters: a call for each record takes more time than the hash. */
const hashedAtOnce = 64 * 1024;

const daySeconds = 86_400;

/**
 * The latest time that a flow of the batch can have; one that ends later has a time that is none. Flows end before their
 * records arrive, so this is the time of arrival, and a day for clocks that are wrong. Where half of the flows end after
 * it, it is the time of arrival that is wrong, as in events made by hand; then it is a month after half of them ended.
 */
export function presentOf({ arrival }: Batch, flows: readonly ArrivedFlow[]): number {
  const ends: number[] = [];
  for (const { flow } of flows) {
    const end = secondsOf(flow, 'end');
    if (end !== undefined) ends.push(end);
  }
  const after = ends.filter((end) => end > arrival).length;
  if (2 * after < ends.length) return arrival + daySeconds;
  ends.sort((a, b) => a - b);
  const median = ends[Math.floor((ends.length - 1) / 2)] ?? arrival;
  return median > arrival ? median + 31 * daySeconds : arrival + daySeconds;
}
