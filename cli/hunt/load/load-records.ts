import { setImmediate } from 'node:timers/promises';
import type { SourceRecord } from '../../../emulators/firehose-event.ts';
import { type Flow, timeOf } from '../../../lambda/flow-log/flow.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { linesOf, readRecords } from '../../../lambda/parse/read-records.ts';
import { eventRecords, recordBatches } from '../../flow-files/record-batches.ts';
import type { RangeFilter } from '../../flow-files/time-range.ts';
import { arrivalDay } from './arrival-day.ts';
import { maxStoredText, type UnreadableLine } from './unreadable-table.ts';

/** Receives the lines of records. */
export interface LineReceiver {
  /** @param day the UTC day of the arrival of a flow without a time; undefined if unknown, and with a time */
  readonly addFlow: (flow: Flow, day: string | undefined) => void;
  readonly addUnreadable: (line: UnreadableLine) => void;
}

/** Decodes and parses records of any kind. Memory does not grow with their number. @param filter limits the flows */
export async function loadRecords(
  records: AsyncIterable<SourceRecord>,
  formats: readonly Format[],
  { addFlow, addUnreadable }: LineReceiver,
  filter?: RangeFilter,
): Promise<void> {
  for await (const batch of recordBatches(records)) {
    // Gives a signal the chance to fire, because nothing else here may wait.
    await setImmediate();
    for (const [index, read] of readRecords(eventRecords(batch), formats).records.entries()) {
      const { data, arrival } = batch[index]!;
      const { outcome } = read;
      const day = arrivalDay(arrival);
      if (outcome.kind === 'failed') {
        addUnreadable({ text: data.toString('utf8', 0, maxStoredText).trimEnd(), reason: outcome.reason, day });
      }
      for (const line of linesOf(read)) {
        if (line.kind === 'unreadable') addUnreadable({ text: line.text, reason: line.reason, day });
        if (line.kind !== 'flow' || (filter && !filter.has(line.flow))) continue;
        addFlow(line.flow, timeOf(line.flow) === undefined ? day : undefined);
      }
    }
  }
}
