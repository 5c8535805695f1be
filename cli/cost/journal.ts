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

/** A state item is written when a flush leases, freezes and opens a lane. */
const stateWritesPerFlush = 3;
/** A chunk is a batch to the counters: it writes a marker when it begins, and one when it is complete. */
const markersPerChunk = 2;
/** The token of a page in the inputs item of a flush. */
const bytesPerInput = 12;
/** The bytes of an item beside its packed deltas: keys, names, TTL. */
const itemBytes = 120;
/** The keys that one chunk holds at most. */
const keysPerChunk = 2000;
/** A flush reads pages this far back: a page may appear later than its sort key says. */
const marginMinutes = 15;
/** A flush reads the inputs of flushes this far back: a retry may put a page again. */
const retryMinutes = 120;
/** Lanes that one invocation flushes; beyond, it invokes itself for each lane. */
const lanesPerInvocation = 16;

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
  const chunks = Math.max(1, keysPerLane / keysPerChunk);
  const dueBytes = chunks * itemBytes + keysPerLane * assumed.journalBytesPerKey;
  const inputBytes = itemBytes + ((pagesPerMinute * countEvery) / lanes) * bytesPerInput;
  const flushUnits = stateWritesPerFlush + writeUnits(inputBytes) + chunks * writeUnits(dueBytes / chunks);
  const flushesPerMinute = lanes / countEvery;
  const pagesRead = (pagesPerMinute * (marginMinutes + countEvery)) / lanes;
  const inputsRead = (retryMinutes + marginMinutes + countEvery) / countEvery;
  // Pages are read eventually consistent, state, inputs and due chunks consistent.
  const readUnits =
    Math.ceil((pagesRead * pageBytes) / 4096) / 2 +
    Math.ceil((inputsRead * inputBytes) / 4096) +
    chunks * Math.ceil(dueBytes / chunks / 4096);
  const bytesPerMinute = pagesPerMinute * pageBytes + flushesPerMinute * (dueBytes + inputBytes);
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
    // Each minute, the scheduled function reads the state of each lane.
    readUnitsPerSecond: (flushesPerMinute * readUnits + lanes) / 60,
    gigabytes: (bytesPerMinute * minutesPerDay * assumed.journalDays) / gigabyte,
    laneSeconds,
    functionsAtOnce: (laneSeconds * flushesPerMinute) / 60,
    invocationsPerMinute: 1 + (lanes > lanesPerInvocation ? flushesPerMinute : 0),
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
