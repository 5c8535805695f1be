import { join } from 'node:path';
import { z } from 'zod';
import { readInput } from '../terminal/input-error.ts';

/** Where the measurements are written down. */
export const measuredFile = join(import.meta.dirname, './measured.json');

const traffic = z.strictObject({
  /** Records of the labelled day. */
  records: z.number(),
  /** Bytes of a record as VPC Flow Logs sends it, in our format and in AWS's default one. */
  payloadBytes: z.number(),
  defaultFormatBytes: z.number(),
  /** Bytes of a record in the compressed batch of a subscription, with 500 others. */
  subscriptionBytes: z.number(),
  /** Bytes of a decoded record, as JSON and compressed with others. */
  decodedBytes: z.number(),
  storedBytes: z.number(),
  /** How many pairs, and how many other groups, a record adds to, the mean. */
  pairsTouched: z.number(),
  groupsTouched: z.number(),
  /** Records of a minute for each pair that they touch together, and for each other group. */
  recordsPerPair: z.number(),
  recordsPerGroup: z.number(),
  /** What batches of five minutes would write, for each write of batches of one. */
  fiveMinuteWrites: z.number(),
  /** Distinct pairs of a day, and other groups, for each record of it. */
  pairsPerRecord: z.number(),
  groupsPerRecord: z.number(),
  /** Mean size of the item that a write writes, and the write units that it takes. */
  pairItemBytes: z.number(),
  pairUnits: z.number(),
  groupItemBytes: z.number(),
  groupUnits: z.number(),
  /** Write units of a pair's item that no rule counts on. */
  barePairUnits: z.number(),
  /** Mean size of an item at the end of the day. */
  keptItemBytes: z.number(),
  /** Writes for each counted delta beyond the one: conditions that failed, items tidied. */
  moreWrites: z.number(),
  /** What the records would be for each of them if all intervals of ten minutes were aggregated to one. */
  tenMinuteShare: z.number(),
  alerts: z.number(),
});

const measured = z.strictObject({
  command: z.string(),
  styles: z.record(z.string(), traffic),
  machine: z.strictObject({
    processor: z.string(),
    node: z.string(),
    /** Processor time in microseconds for a record, decoded, counted in memory, judged and answered. */
    recordMicroseconds: z.number(),
    /** Processor time in microseconds for an UpdateItem through the SDK, with the item read. */
    writeMicroseconds: z.number(),
    /** Bytes that the function logs for a batch, metrics among them. */
    logBytesPerBatch: z.number(),
  }),
});

/** What a style of traffic is like; means of a day. */
export type Traffic = z.infer<typeof traffic>;
/** What was measured, and where. */
export type Measured = z.infer<typeof measured>;

/**
 * Reads what was measured.
 *
 * @throws Error when the file is not what `cost --measure` writes
 */
export function readMeasured(): Measured {
  return measured.parse(JSON.parse(readInput(measuredFile)));
}

/** The mean of styles: each field is the mean of theirs, the records and the alerts too. */
export function meanTraffic(styles: readonly Traffic[]): Traffic {
  const names = Object.keys(traffic.shape) as (keyof Traffic)[];
  const mean = (name: keyof Traffic) => styles.reduce((sum, style) => sum + style[name], 0) / styles.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as Traffic;
}
