import { assumed } from './assumptions.ts';
import type { Traffic } from './measured-traffic.ts';
import { gigabyte, mebibyte } from './units.ts';
import type { Usage } from './usage.ts';

/** Bytes that DynamoDB adds to each item when it bills storage (DynamoDB Developer Guide, "Item sizes and formats"). */
const itemOverheadBytes = 100;

/** Returns the objects that Firehose writes: by the time or the size of its buffer. */
export function lakeObjectsPerDay(
  { recordsPerDay, lakePartition, partitions }: Usage,
  { decodedBytes }: Traffic,
): number {
  const objectsByTime = (86_400 / assumed.objectSeconds) * (lakePartition === 'date' ? 1 : partitions);
  const objectsBySize = (recordsPerDay * decodedBytes) / (assumed.objectMebibytes * mebibyte);
  return Math.min(recordsPerDay, Math.max(objectsByTime, objectsBySize));
}

/** Returns the gigabytes that a day of records takes in the lake. */
export function lakeGigabytesPerDay({ recordsPerDay, lakeFormat }: Usage, traffic: Traffic): number {
  const bytesPerRecord = traffic.storedBytes * (lakeFormat === 'parquet' ? assumed.parquetShare : 1);
  return (recordsPerDay * bytesPerRecord) / gigabyte;
}

/** Returns the gigabytes of the items of one day, and of the new ones of each further day of the retention. */
export function tableGigabytes({ recordsPerDay, pairsPerDay, retentionDays }: Usage, traffic: Traffic): number {
  const pairs = pairsPerDay ?? recordsPerDay * traffic.pairsPerRecord;
  const itemsOfADay = recordsPerDay * traffic.groupsPerRecord + pairs;
  const items = itemsOfADay * (1 + assumed.newPairs * (retentionDays - 1));
  return (items * (traffic.storedItemBytes + itemOverheadBytes)) / gigabyte;
}
