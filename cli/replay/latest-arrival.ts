import type { EventRecord } from '../../lambda/decode/firehose-event.ts';

/** Returns the last arrival of records in epoch seconds; 0 if none is known. */
export function latestArrival(records: readonly EventRecord[]): number {
  return records.reduce((latest, { arrival }) => Math.max(latest, arrival ?? 0), 0);
}
