import { join } from 'node:path';
import { z } from 'zod';
import { readInput } from '../terminal/input-error.ts';

/** The file that holds the measurements. */
export const measuredFile = join(import.meta.dirname, './measured.json');

const traffic = z.strictObject({
  /** Records of the labelled day. */
  records: z.number(),
  /** Bytes of a record as VPC Flow Logs sends it, in the deployed format and in AWS's default format. */
  payloadBytes: z.number(),
  defaultFormatBytes: z.number(),
  /** Bytes of a record in a compressed subscription batch of 500 lines. */
  subscriptionBytes: z.number(),
  /** Bytes of a decoded record as JSON, and in a compressed object. */
  decodedBytes: z.number(),
  storedBytes: z.number(),
  /** The mean number of pairs, and of other groups, that a record adds to. */
  pairsTouched: z.number(),
  groupsTouched: z.number(),
  /** Records of a minute for each pair, and for each other group, that the minute updates. */
  recordsPerPair: z.number(),
  recordsPerGroup: z.number(),
  /** Writes of batches of five minutes, for each write of batches of one minute. */
  fiveMinuteWrites: z.number(),
  /** Distinct pairs, and other groups, of a day for each record of the day. */
  pairsPerRecord: z.number(),
  groupsPerRecord: z.number(),
  /** The mean size of the item that a write stores, and the write units of the write. */
  pairItemBytes: z.number(),
  pairUnits: z.number(),
  groupItemBytes: z.number(),
  groupUnits: z.number(),
  /** Write units of a pair's item if no rule counts by pairs. */
  barePairUnits: z.number(),
  /** The mean size of an item at the end of the day. */
  storedItemBytes: z.number(),
  /** Writes for each counted delta beyond the first: failed conditions, and compaction. */
  extraWrites: z.number(),
  /** The share of the records that would remain with an aggregation interval of ten minutes. */
  tenMinuteShare: z.number(),
  alerts: z.number(),
});

const measured = z.strictObject({
  command: z.string(),
  styles: z.record(z.string(), traffic),
  machine: z.strictObject({
    processor: z.string(),
    node: z.string(),
    /** Processor time in microseconds to decode, count in memory, evaluate and answer a record. */
    recordMicroseconds: z.number(),
    /** Processor time in microseconds of an UpdateItem through the SDK, with the returned item read. */
    writeMicroseconds: z.number(),
    /** Bytes that the function logs for a batch, metrics included. */
    logBytesPerBatch: z.number(),
  }),
});

/** The measures of a style of traffic: means of a day. */
export type Traffic = z.infer<typeof traffic>;
/** The measures of all styles, and of the machine. */
export type Measured = z.infer<typeof measured>;

/**
 * Reads the measurements.
 *
 * @throws Error if `npm run measure-cost` did not write the file
 */
export function readMeasured(): Measured {
  return measured.parse(JSON.parse(readInput(measuredFile)));
}

/** Returns the mean of styles, field by field, also of the records and the alerts. */
export function meanTraffic(styles: readonly Traffic[]): Traffic {
  const names = Object.keys(traffic.shape) as (keyof Traffic)[];
  const mean = (name: keyof Traffic) => styles.reduce((sum, style) => sum + style[name], 0) / styles.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as Traffic;
}
