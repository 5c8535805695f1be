import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { Entry } from './formats/reader.ts';

/** Upper bound of records that wait for a record with a time. */
const maxWaiting = 100;

/** A time that is this much later than the next record's is an error, in milliseconds: a file covers an hour or so. */
const maxAhead = 86_400_000;

/**
 * Assigns an arrival to each record: its own time, but never before the previous record's arrival. A record without a
 * time takes the previous arrival; at the beginning of the file, the first time that follows. A single time far ahead of
 * its neighbours is ignored, because all later records would take it over.
 *
 * @param fallback arrival of the records of a file without any time, in epoch milliseconds
 * @param isPart whether the entries are the beginning of a file, so that records still waiting at the end are dropped
 */
export async function* withArrivals(
  entries: AsyncIterable<readonly Entry[]>,
  fallback: number,
  isPart = false,
): AsyncGenerator<SourceRecord[]> {
  const arrivals = new Arrivals(fallback);
  try {
    for await (const batch of entries) yield arrivals.add(batch);
  } catch (error) {
    if (!isPart) yield arrivals.end();
    throw error;
  }
  if (!isPart) yield arrivals.end();
}

class Arrivals {
  readonly #fallback: number;
  #waiting: readonly Entry[] = [];
  #latest: number | undefined;
  #hasEnded = false;

  constructor(fallback: number) {
    this.#fallback = fallback;
  }

  add(batch: readonly Entry[]): SourceRecord[] {
    const entries = this.#waiting.length > 0 ? [...this.#waiting, ...batch] : batch;
    const records: SourceRecord[] = [];
    this.#latest ??= this.#first(entries);
    let latest = this.#latest;
    for (const [index, { data, arrival }] of latest === undefined ? [] : entries.entries()) {
      if (arrival !== undefined && arrival > latest!) {
        const isSound = arrival - latest! <= maxAhead || this.#isSound(arrival, entries, index);
        if (isSound === undefined) break;
        if (isSound) latest = arrival;
      }
      records.push({ data, arrival: latest! });
    }
    this.#latest = latest;
    this.#waiting = entries.slice(records.length);
    return records;
  }

  end(): SourceRecord[] {
    this.#hasEnded = true;
    return this.add([]);
  }

  /** Returns the arrival of the first records; undefined while it is unknown. */
  #first(entries: readonly Entry[]): number | undefined {
    for (const [index, { arrival }] of entries.slice(0, maxWaiting).entries()) {
      const isSound = arrival !== undefined && this.#isSound(arrival, entries, index);
      if (isSound === undefined) return undefined;
      if (isSound) return arrival;
    }
    return entries.length >= maxWaiting || this.#hasEnded ? this.#fallback : undefined;
  }

  /** Returns whether the next time is not far before `arrival`; undefined while there is no next time. */
  #isSound(arrival: number, entries: readonly Entry[], index: number): boolean | undefined {
    const following = entries.slice(index + 1, index + 1 + maxWaiting);
    const next = following.find((entry) => entry.arrival !== undefined)?.arrival;
    if (next !== undefined) return next >= arrival - maxAhead;
    return following.length === maxWaiting || this.#hasEnded ? true : undefined;
  }
}

/** The arrival of records whose time is unknown. Times are never shown or counted from it. */
export const unknownArrival = 0;

/**
 * Returns the time of delivery in a file's name, in epoch milliseconds; undefined if the name has none:
 * `..._20261124T0900Z_...` of a flow log (VPC User Guide, "Flow log files"), `...-2026-11-24-09-00-00-...` of Firehose
 * (Firehose Developer Guide, "Amazon S3 object name format").
 */
export function timeInName(name: string): number | undefined {
  const file = name.slice(name.lastIndexOf('/') + 1);
  const [, ...parts] =
    /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_/.exec(file) ?? /-(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-/.exec(file) ?? [];
  const [year, month = '', day = '', hour = '', minute = '', second = '00'] = parts;
  if (year === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isFinite(time) ? time : undefined;
}
