import { join } from 'node:path';
import { z } from 'zod';
import { readInput } from '../terminal/input-error.ts';

/** The file that holds the measurements. */
export const measuredFile = join(import.meta.dirname, './measured.json');

/** The minutes of records that are merged for `MergedKeys`. */
export const mergedMinutes = [1, 5, 15] as const;

/** The distinct counters for each record, if the records of 1, 5 and 15 minutes are merged. */
const merged = z.tuple([z.number(), z.number(), z.number()]);
/** The distinct counters for each record, if the records of 1, 5 and 15 minutes are merged. */
export type MergedKeys = z.infer<typeof merged>;

/** The groups of one grouping, other than pairs; all numbers are for each record. */
const grouping = z.strictObject({
  /** The groups that a record adds an amount to, and the distinct ones of a minute. */
  touched: z.number(),
  ofMinute: z.number(),
  /** The groups in which a record fills a slot of presence, and the distinct slots: see lambda/count/known-slots.ts. */
  present: z.number(),
  slots: z.number(),
  /** The distinct groups with an amount, and those that only fill slots. */
  mergedAmounts: merged,
  mergedPresence: merged,
});

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
  /** The mean number of pairs that a record adds to. */
  pairsTouched: z.number(),
  /** Records of a minute for each pair that the minute updates. */
  recordsPerPair: z.number(),
  /** The distinct pairs for each record. */
  mergedPairs: merged,
  /** The groups other than pairs, by their fields: in alphabetical order, joined with commas. */
  groupings: z.record(z.string(), grouping),
  /** The groups of the rules that need a table of regions, measured with made-up regions. */
  regionGroupings: z.record(z.string(), grouping),
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

/** The measures of a grouping. */
export type GroupingTraffic = z.infer<typeof grouping>;
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

/** Returns the mean of styles, number by number, also of the records and the alerts. */
export function meanTraffic(styles: readonly Traffic[]): Traffic {
  const { groupings: _, regionGroupings: __, ...numbers } = traffic.shape;
  const names = Object.keys(numbers) as Exclude<keyof Traffic, 'groupings' | 'regionGroupings'>[];
  const fields = Object.keys(grouping.shape) as (keyof GroupingTraffic)[];
  const meanOf = (all: readonly Traffic['groupings'][]) => {
    const groupNames = [...new Set(all.flatMap(Object.keys))].sort();
    const meanOfGroup = (name: string) =>
      Object.fromEntries(fields.map((field) => [field, mean(all.map((groupings) => groupings[name]?.[field]))]));
    return Object.fromEntries(groupNames.map((name) => [name, meanOfGroup(name)]));
  };
  return {
    ...Object.fromEntries(names.map((name) => [name, mean(styles.map((style) => style[name]))])),
    groupings: meanOf(styles.map(({ groupings }) => groupings)),
    regionGroupings: meanOf(styles.map(({ regionGroupings }) => regionGroupings)),
  } as Traffic;
}

/** Returns the mean of numbers, or of tuples number by number; undefined counts as 0. */
function mean(values: readonly (number | MergedKeys | undefined)[]): number | MergedKeys {
  const tuples = values.map((value) => (typeof value === 'object' ? value : undefined));
  if (tuples.some((tuple) => tuple !== undefined))
    return mergedMinutes.map((_, index) => mean(tuples.map((tuple) => tuple?.[index]))) as MergedKeys;
  return values.reduce<number>((sum, value) => sum + ((value as number | undefined) ?? 0), 0) / values.length;
}
