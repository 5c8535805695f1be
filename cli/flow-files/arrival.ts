import type { SourceRecord } from '../../local/firehose-event.ts';
import type { Entry } from './reader.ts';

/** How many records at the beginning of a file wait for one that says a time. */
const mostWaiting = 100;

/**
 * Gives records the time of their arrival: their own, never earlier than that of the one before in the file; that of the
 * one before where they have none; at the beginning of the file, that of the first that has one.
 *
 * @param otherwise when records arrive of a file that says no time, in epoch milliseconds
 * @param isPart whether there is more of the file, so that those that wait do so in vain
 */
export async function* arriving(
  entries: AsyncIterable<readonly Entry[]>,
  otherwise: number,
  isPart = false,
): AsyncGenerator<SourceRecord[]> {
  let waiting: Entry[] = [];
  let latest: number | undefined;
  const records = (batch: readonly Entry[]) => {
    let arrival = latest ?? otherwise;
    const arrived = batch.map((entry): SourceRecord => {
      if (entry.arrival !== undefined && entry.arrival > arrival) arrival = entry.arrival;
      return { data: entry.data, arrival };
    });
    latest = arrival;
    return arrived;
  };
  try {
    for await (const batch of entries) {
      if (latest !== undefined) {
        yield records(batch);
        continue;
      }
      waiting.push(...batch);
      latest = waiting.slice(0, mostWaiting).find(({ arrival }) => arrival !== undefined)?.arrival;
      if (latest === undefined && waiting.length < mostWaiting) continue;
      const due = waiting;
      waiting = [];
      yield records(due);
    }
  } catch (error) {
    if (!isPart) yield records(waiting);
    throw error;
  }
  if (!isPart) yield records(waiting);
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
