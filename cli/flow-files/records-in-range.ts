import type { SourceRecord } from '../../emulators/firehose-event.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Line } from '../../lambda/parse/parse-line.ts';
import { linesOf, readRecords } from '../../lambda/parse/read-records.ts';
import { eventRecords, recordBatches } from './record-batches.ts';
import type { RangeFilter } from './time-range.ts';

/**
 * Leaves out the flows outside a range. A record with flows inside and outside becomes a record for each line inside. An
 * unreadable line or record has no time, and is passed on.
 */
export async function* recordsInRange(
  records: AsyncIterable<SourceRecord>,
  formats: readonly Format[],
  filter: RangeFilter,
): AsyncGenerator<SourceRecord> {
  for await (const batch of recordBatches(records)) {
    for (const [index, read] of readRecords(eventRecords(batch), formats).records.entries()) {
      const record = batch[index]!;
      const lines = linesOf(read);
      const inside = lines.filter((line) => line.kind !== 'flow' || filter.has(line.flow));
      if (inside.length === lines.length) yield record;
      else yield* inside.flatMap((line) => textOf(line) ?? []).map((text) => lineRecord(text, record.arrival));
    }
  }
}

/** Returns the text of a line; undefined of a header. */
function textOf(line: Line): string | undefined {
  if (line.kind === 'header') return undefined;
  return line.kind === 'flow' ? line.flow.span(0, line.flow.format.names.length - 1) : line.text;
}

function lineRecord(text: string, arrival: number): SourceRecord {
  return { data: Buffer.from(`${text}\n`), arrival };
}
