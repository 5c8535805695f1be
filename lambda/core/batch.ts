import { createHash } from 'node:crypto';
import type { ArrivedFlow } from './aggregate.ts';
import type { EventRecord } from './event.ts';
import { secondsOf } from './flow.ts';

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

/**
 * A batch that does not say when it arrived counts as having arrived with its last flow. Where flows have no time of their
 * own, that of their arrival is theirs, and tells them from flows that print alike.
 */
export function identify(records: readonly EventRecord[], flows: readonly ArrivedFlow[]): Batch {
  const isTimeless = flows.some(({ flow }) => (secondsOf(flow, 'end') ?? secondsOf(flow, 'start')) === undefined);
  const arrivals = records.flatMap(({ arrival }) => arrival ?? []);
  const times = arrivals.length > 0 ? arrivals : flows.map(({ flow }) => secondsOf(flow, 'end') ?? 0);
  return {
    token: batchToken(records.map(({ data, arrival }) => (isTimeless ? `${data} ${arrival}` : data))),
    arrival: times.reduce((latest, time) => Math.max(latest, time), 0),
  };
}

const daySeconds = 86_400;

/**
 * The latest time that a flow of the batch can have; one that ends later has a time that is none. Flows end before their
 * records arrive, so this is the time of arrival, and a day for clocks that are wrong. Where half of the flows end after
 * it, it is the time of arrival that is wrong, as in events made by hand; then it is a month after half of them ended.
 */
export function presentOf({ arrival }: Batch, flows: readonly ArrivedFlow[]): number {
  const ends = flows.flatMap(({ flow }) => secondsOf(flow, 'end') ?? []).sort((a, b) => a - b);
  const median = ends[Math.floor((ends.length - 1) / 2)] ?? arrival;
  return median > arrival ? median + 31 * daySeconds : arrival + daySeconds;
}
