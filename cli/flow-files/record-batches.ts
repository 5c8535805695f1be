import type { SourceRecord } from '../../emulators/firehose-event.ts';

/** Limits of the records that are decoded at once. */
const batchRecords = 500;
const batchBytes = 1024 ** 2;

/** Groups records into batches to decode at once. */
export async function* recordBatches(records: AsyncIterable<SourceRecord>): AsyncGenerator<SourceRecord[]> {
  let batch: SourceRecord[] = [];
  let bytes = 0;
  for await (const record of records) {
    batch.push(record);
    bytes += record.data.length;
    if (batch.length < batchRecords && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Returns the records as those of a transformation event. */
export function eventRecords(batch: readonly SourceRecord[]) {
  return batch.map(({ data, arrival }, index) => ({
    recordId: String(index),
    data: data.toString('base64'),
    arrival: Math.floor(arrival / 1000),
  }));
}
