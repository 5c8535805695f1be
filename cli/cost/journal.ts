import { defaultIntakeLimits } from '../../lambda/journal/intake.ts';
import { flushProcesses } from '../../lambda/journal/lane.ts';
import { assumed } from './assumptions.ts';
import { type Measured, type MergedKeys, mergedMinutes } from './measured-traffic.ts';
import { gigabyte, minutesPerDay } from './units.ts';
import type { Usage } from './usage.ts';

/** What batches put into the journal, per record and per batch. */
export interface JournalInput {
  readonly batchesPerMinute: number;
  /** Distinct counters of a batch, of pairs and of all groups: a page has each once. */
  readonly keysPerBatch: number;
  /** Distinct counters that all flushes of a minute write, on average. */
  readonly keysWrittenPerMinute: number;
}

/** The load that the journal puts on its table and on the function that flushes it. */
export interface JournalLoad {
  readonly pagesPerBatch: number;
  readonly keysPerBatch: number;
  /** Bytes of a page with its item. */
  readonly pageBytes: number;
  /** Counters that a flush of all lanes writes. */
  readonly keysPerFlush: number;
  /** Markers that flushes write into the table of the counters. */
  readonly markerUnitsPerSecond: number;
  /** Units of the journal's own table. */
  readonly writeUnitsPerSecond: number;
  readonly readUnitsPerSecond: number;
  readonly gigabytes: number;
  /** The duration of a flush of one lane, and the functions that flush at once, on average. */
  readonly laneSeconds: number;
  readonly functionsAtOnce: number;
  readonly invocationsPerMinute: number;
}

/** Returns the minutes of batches that one freeze of a lane merges: a freeze takes a bounded number of deltas and pages. */
export function minutesOfFreeze(
  keysPerBatch: number,
  batchesPerMinute: number,
  { countEvery, countLanes }: Usage,
): number {
  // A freeze takes whole batches, and a buffer of 300 s ends a batch every five minutes.
  const atLeast = 1 / batchesPerMinute;
  const keysPerMinute = (keysPerBatch * batchesPerMinute) / countLanes;
  const { deltas, pages } = defaultIntakeLimits;
  return Math.max(atLeast, Math.min(countEvery, deltas / keysPerMinute, pages / batchesPerMinute));
}

/** A state item is written when a flush leases and releases a lane. */
const stateWritesPerFlush = 2;
/** A state item is written when a freeze begins, and when its chunks are counted. */
const stateWritesPerFreeze = 2;
/** A flush reads the state of a lane to see whether the lane is due. */
const stateReadsPerFlush = 1;
/** A chunk is a batch to the counters: it writes a marker when it begins, and one when it is complete. */
const markersPerChunk = 2;
/** The token of a page in the inputs item of a flush. */
const bytesPerInput = 17;
/** The bytes of an item beside its packed deltas: keys, names, TTL. */
const itemBytes = 120;
/** The keys that one chunk holds at most. */
const keysPerChunk = 2000;
/** A flush reads pages this far back: a page may appear later than its sort key says. */
const marginMinutes = 15;
/** A flush reads the inputs of freezes this much further back: a batch may have begun so long before its page. */
const retryMinutes = 20;

/** Computes the load of the journal, and the load of its flushes apart from their writes to counters. */
export function journalLoadOf(input: JournalInput, usage: Usage, machine: Measured['machine']): JournalLoad {
  const { batchesPerMinute: batches, keysPerBatch, keysWrittenPerMinute } = input;
  const { countEvery, countLanes: lanes } = usage;
  const pagesPerBatch = lanes * (1 - (1 - 1 / lanes) ** keysPerBatch);
  const keysPerPage = keysPerBatch / pagesPerBatch;
  const pageBytes = itemBytes + keysPerPage * assumed.journalBytesPerKey;
  const pagesPerMinute = pagesPerBatch * batches;
  const keysPerFlush = keysWrittenPerMinute * countEvery;
  const keysPerLane = keysPerFlush / lanes;
  const freezes = Math.max(1, countEvery / minutesOfFreeze(keysPerBatch, batches, usage));
  const chunks = Math.max(freezes, keysPerLane / keysPerChunk);
  const dueBytes = chunks * itemBytes + keysPerLane * assumed.journalBytesPerKey;
  const inputBytes = itemBytes + ((pagesPerMinute * countEvery) / lanes / freezes) * bytesPerInput;
  const flushUnits =
    stateWritesPerFlush +
    freezes * (stateWritesPerFreeze + writeUnits(inputBytes)) +
    chunks * writeUnits(dueBytes / chunks);
  const flushesPerMinute = lanes / countEvery;
  const pagesRead = (pagesPerMinute * (marginMinutes + countEvery)) / lanes;
  const inputsRead = ((retryMinutes + marginMinutes + countEvery) / countEvery) * freezes;
  // Pages are read eventually consistent, state, inputs and due chunks consistent.
  const readUnits =
    Math.ceil((pagesRead * pageBytes) / 4096) / 2 +
    Math.ceil((inputsRead * inputBytes) / 4096) +
    chunks * Math.ceil(dueBytes / chunks / 4096) +
    stateReadsPerFlush;
  const invocationsPerMinute = flushProcesses(lanes);
  const bytesPerMinute = pagesPerMinute * pageBytes + flushesPerMinute * (dueBytes + inputBytes * freezes);
  const mergedKeys = (keysPerBatch * batches * countEvery) / lanes;
  const laneSeconds =
    keysPerLane * secondsPerWrite(machine) + (mergedKeys * assumed.mergeMicroseconds) / 1e6 / assumed.processorShare;
  return {
    pagesPerBatch,
    keysPerBatch,
    pageBytes,
    keysPerFlush,
    markerUnitsPerSecond: (flushesPerMinute * chunks * markersPerChunk) / 60,
    writeUnitsPerSecond: (pagesPerMinute * pageUnits(keysPerPage) + flushesPerMinute * flushUnits) / 60,
    // Each invocation reads the sets of lanes.
    readUnitsPerSecond: (flushesPerMinute * readUnits + invocationsPerMinute) / 60,
    gigabytes: (bytesPerMinute * minutesPerDay * assumed.journalDays) / gigabyte,
    laneSeconds,
    functionsAtOnce: (laneSeconds * flushesPerMinute) / 60,
    invocationsPerMinute,
  };
}

/** Returns the distinct counters for each record when the records of `minutes` are merged: between the measured ones. */
export function mergedOver(merged: MergedKeys, minutes: number): number {
  const upper = mergedMinutes.findIndex((measured) => measured >= minutes);
  const to = upper === -1 ? mergedMinutes.length - 1 : Math.max(1, upper);
  const [fewer, more] = [mergedMinutes[to - 1]!, mergedMinutes[to]!];
  const [before, after] = [merged[to - 1]!, merged[to]!];
  if (before === 0 || after === 0) return 0;
  return before * (after / before) ** (Math.log(minutes / fewer) / Math.log(more / fewer));
}

/** Returns the seconds of an update: its processor time, and its share of the updates in flight. */
export function secondsPerWrite({ writeMicroseconds }: Measured['machine']): number {
  return writeMicroseconds / 1e6 / assumed.processorShare + assumed.writeMilliseconds / 1000 / assumed.writesAtOnce;
}

/**
 * Returns the mean write units of a page. The number of keys varies from page to page, since a hash spreads the keys: as
 * in a Poisson distribution, for which a normal one with a logistic approximation stands.
 */
export function pageUnits(keysPerPage: number): number {
  const mean = itemBytes + keysPerPage * assumed.journalBytesPerKey;
  const deviation = Math.sqrt(keysPerPage) * assumed.journalBytesPerKey;
  let units = 1;
  for (let step = 1024; step < mean + 6 * deviation; step += 1024)
    units += 1 / (1 + Math.exp((-1.702 * (mean - step)) / deviation));
  return units;
}

/** A write of an item is billed by begun steps of 1 KB. */
function writeUnits(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
