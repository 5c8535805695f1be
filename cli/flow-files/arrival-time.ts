import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { Entry } from './formats/reader.ts';

/** How many records wait at most for one that says a time. */
const mostWaiting = 100;

/** A time that is this much later than that of the next record is an error, in milliseconds: a file is of an hour or so. */
const maxAhead = 86_400_000;

/**
 * Gives records the time of their arrival: their own, never earlier than that of the one before in the file; that of the
 * one before where they have none; at the beginning of the file, that of the first that has one. A single time far ahead of
 * those around it does not count: it would take all that follows it along.
 *
 * @param otherwise when records arrive of a file that says no time, in epoch milliseconds
 * @param isPart whether there is more of the file, so that those that wait at the end do so in vain
 */
export async function* arriving(
  entries: AsyncIterable<readonly Entry[]>,
  otherwise: number,
  isPart = false,
): AsyncGenerator<SourceRecord[]> {
  const arrivals = new Arrivals(otherwise);
  try {
    for await (const batch of entries) yield arrivals.add(batch);
  } catch (error) {
    if (!isPart) yield arrivals.end();
    throw error;
  }
  if (!isPart) yield arrivals.end();
}

class Arrivals {
  readonly #otherwise: number;
  #waiting: readonly Entry[] = [];
  #latest: number | undefined;
  #hasEnded = false;

  constructor(otherwise: number) {
    this.#otherwise = otherwise;
  }

  add(batch: readonly Entry[]): SourceRecord[] {
    const entries = this.#waiting.length > 0 ? [...this.#waiting, ...batch] : batch;
    const records: SourceRecord[] = [];
    this.#latest ??= this.#first(entries);
    let latest = this.#latest;
    for (const [index, { data, arrival }] of latest === undefined ? [] : entries.entries()) {
      if (arrival !== undefined && arrival > latest!) {
        const counts = arrival - latest! <= maxAhead || this.#isSound(arrival, entries, index);
        if (counts === undefined) break;
        if (counts) latest = arrival;
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

  /** When the first records arrive; undefined while that has to wait. */
  #first(entries: readonly Entry[]): number | undefined {
    for (const [index, { arrival }] of entries.slice(0, mostWaiting).entries()) {
      const counts = arrival !== undefined && this.#isSound(arrival, entries, index);
      if (counts === undefined) return undefined;
      if (counts) return arrival;
    }
    return entries.length >= mostWaiting || this.#hasEnded ? this.#otherwise : undefined;
  }

  /** Whether the next time is not far before; undefined while there is none. */
  #isSound(arrival: number, entries: readonly Entry[], index: number): boolean | undefined {
    const following = entries.slice(index + 1, index + 1 + mostWaiting);
    const next = following.find((entry) => entry.arrival !== undefined)?.arrival;
    if (next !== undefined) return next >= arrival - maxAhead;
    return following.length === mostWaiting || this.#hasEnded ? true : undefined;
  }
}

/**
 * When a file was delivered by what services put into its name, in epoch milliseconds; undefined where it says nothing:
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
