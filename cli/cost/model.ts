import { dedupTokenLength } from '../../lambda/counters/counter.ts';
import { assumed } from './assumptions.ts';
import { batchesPerMinute, ingestedBytesPerRecord, recordsPerMinute } from './batches.ts';
import { type JournalLoad, journalLoadOf, mergedOver, minutesOfFreeze, secondsPerWrite } from './journal.ts';
import type { GroupingTraffic, Measured, MergedKeys, Traffic } from './measured-traffic.ts';
import { lakeGigabytesPerDay, lakeObjectsPerDay, tableGigabytes } from './storage.ts';
import type { Usage } from './usage.ts';

/** The load that traffic puts on the stack, per batch, second, minute or day. */
export interface Load {
  /** Bytes that the stream ingests. */
  readonly bytesPerSecond: number;
  readonly recordsPerBatch: number;
  readonly batchesPerMinute: number;
  /** Counters of pairs, and of other groups, that a batch updates. */
  readonly pairWritesPerBatch: number;
  readonly groupWritesPerBatch: number;
  /** The counters of each grouping other than pairs, the dearest first. */
  readonly groupings: readonly GroupingLoad[];
  /** Units of the pairs' counters, without their share of further writes. */
  readonly pairWriteUnitsPerSecond: number;
  readonly unitsPerPairWrite: number;
  readonly unitsPerGroupWrite: number;
  /** Bytes of dedup tokens in an item that every batch updates: the limit of an item is 400 KB. */
  readonly busiestItemBytes: number;
  /** Units of the table of the counters. */
  readonly writeUnitsPerSecond: number;
  readonly readUnitsPerSecond: number;
  /** Undefined if batches count directly. */
  readonly journal: JournalLoad | undefined;
  /** The duration of an invocation. */
  readonly functionSeconds: number;
  readonly functionsAtOnce: number;
  readonly objectsPerDay: number;
  readonly storedGigabytesPerDay: number;
  readonly tableGigabytes: number;
}

/** The load of one grouping on the table, without its share of markers and compaction. */
export interface GroupingLoad {
  /** The fields in alphabetical order, joined with commas. */
  readonly groupBy: string;
  readonly writesPerBatch: number;
  readonly writeUnitsPerSecond: number;
  readonly readUnitsPerSecond: number;
}

/** Minutes that an item stores a dedup token, and the maximum while a client retries: see count/finished-batches.ts. */
const tokenMinutes = 2;
const maxTokenMinutes = 8;
/** A batch writes one marker when it begins, and one when it is complete. */
const markersPerBatch = 2;
/** A strongly consistent read of a batch marker. */
const unitsPerMarkerRead = 1;
/** An eventually consistent read of a counter of presence. */
const unitsPerPresenceRead = 0.5;

/** Computes the load of a usage. */
export function loadOf(usage: Usage, traffic: Traffic, machine: Measured['machine']): Load {
  const batches = batchesPerMinute(usage, traffic);
  const lake = {
    bytesPerSecond: (recordsPerMinute(usage) * ingestedBytesPerRecord(usage, traffic)) / 60,
    recordsPerBatch: recordsPerMinute(usage) / batches,
    batchesPerMinute: batches,
    objectsPerDay: lakeObjectsPerDay(usage, traffic),
    storedGigabytesPerDay: lakeGigabytesPerDay(usage, traffic),
    tableGigabytes: tableGigabytes(usage, traffic),
  };
  const counted = (usage.counting === 'journal' ? countedByJournal : countedDirectly)(usage, traffic, batches, machine);
  return { ...lake, ...counted, groupings: counted.groupings.toSorted(byUnits) };
}

type CountedLoad = Omit<
  Load,
  | 'bytesPerSecond'
  | 'recordsPerBatch'
  | 'batchesPerMinute'
  | 'objectsPerDay'
  | 'storedGigabytesPerDay'
  | 'tableGigabytes'
>;

/** The load if each batch writes its counters. */
function countedDirectly(usage: Usage, traffic: Traffic, batches: number, machine: Measured['machine']): CountedLoad {
  const recordsPerBatch = recordsPerMinute(usage) / batches;
  const pairs = pairsPerMinute(usage, traffic);
  const pairWrites = writesPerBatchOf(pairs, traffic.pairsTouched, batches, usage, traffic);
  const unitsPerPairWrite = traffic.pairUnits + tokenUnitsPerWrite(pairs, pairWrites, batches);
  const groupings = Object.entries(traffic.groupings).map(([groupBy, grouping]) => ({
    groupBy,
    present: grouping.present,
    slots: grouping.slots,
    ...writesOfGrouping(grouping, batches, usage, traffic),
  }));
  const groupWrites = groupings.reduce((sum, { writes }) => sum + writes, 0);
  const groupUnits = groupings.reduce((sum, { units }) => sum + units, 0);
  const counterUnits = pairWrites * unitsPerPairWrite + groupUnits;
  const functionSeconds = secondsPerBatch(recordsPerBatch, withExtraWrites(pairWrites + groupWrites, traffic), machine);
  const functionsAtOnce = (functionSeconds * batches) / 60;
  const processes = processesOf(functionsAtOnce);
  const loads = groupings.map(({ groupBy, writes, units, present, slots }) => ({
    groupBy,
    writesPerBatch: writes,
    writeUnitsPerSecond: (units * batches) / 60,
    readUnitsPerSecond:
      (presenceReads(present, slots, processes) * recordsPerMinute(usage) * unitsPerPresenceRead) / 60,
  }));
  return {
    pairWritesPerBatch: pairWrites,
    groupWritesPerBatch: groupWrites,
    groupings: loads,
    pairWriteUnitsPerSecond: (pairWrites * unitsPerPairWrite * batches) / 60,
    unitsPerPairWrite,
    unitsPerGroupWrite: groupWrites === 0 ? traffic.groupUnits : groupUnits / groupWrites,
    busiestItemBytes: batches * maxTokenMinutes * dedupTokenLength,
    writeUnitsPerSecond: (withExtraWrites(counterUnits, traffic) * batches) / 60,
    readUnitsPerSecond:
      markerReadUnitsPerSecond(batches, processes) +
      loads.reduce((sum, { readUnitsPerSecond }) => sum + readUnitsPerSecond, 0),
    journal: undefined,
    functionSeconds,
    functionsAtOnce,
  };
}

/** The load if batches write pages, and each freeze writes each counter of its pages once. */
function countedByJournal(usage: Usage, traffic: Traffic, batches: number, machine: Measured['machine']): CountedLoad {
  const keysPerBatch = keysPerBatchOf(usage, traffic, batches);
  const minutes = minutesOfFreeze(keysPerBatch, batches, usage);
  const records = recordsPerMinute(usage);
  const share = pairShare(usage, traffic);
  const pairKeys = Math.min(
    mergedOver(traffic.mergedPairs, minutes) * records,
    (usage.pairsPerDay ?? Number.POSITIVE_INFINITY) / minutes,
  );
  const groupings = Object.entries(traffic.groupings).map(([groupBy, grouping]) => {
    const present = mergedOver(grouping.mergedPresence, minutes);
    const slots = Math.min(grouping.slots, present);
    return {
      groupBy,
      present,
      slots,
      keys: (mergedOver(grouping.mergedAmounts, minutes) + slots) * records * share,
    };
  });
  const groupKeys = groupings.reduce((sum, { keys }) => sum + keys, 0);
  const input = { batchesPerMinute: batches, keysPerBatch, keysWrittenPerMinute: pairKeys + groupKeys };
  const journal = journalLoadOf(input, usage, machine);
  const functionSeconds =
    secondsPerBatch(records / batches, journal.pagesPerBatch + markersPerBatch, machine) +
    (keysPerBatch * assumed.packMicroseconds) / 1e6 / assumed.processorShare;
  const functionsAtOnce = (functionSeconds * batches) / 60;
  const flushProcesses = processesOf(journal.functionsAtOnce);
  const loads = groupings.map(({ groupBy, keys, present, slots }) => ({
    groupBy,
    writesPerBatch: keys / batches,
    writeUnitsPerSecond: (keys * traffic.groupUnits) / 60,
    readUnitsPerSecond: (presenceReads(present, slots, flushProcesses) * records * share * unitsPerPresenceRead) / 60,
  }));
  const pairWriteUnitsPerSecond = (pairKeys * traffic.pairUnits) / 60;
  const counterUnits = pairWriteUnitsPerSecond + (groupKeys * traffic.groupUnits) / 60;
  return {
    pairWritesPerBatch: pairKeys / batches,
    groupWritesPerBatch: groupKeys / batches,
    groupings: loads,
    pairWriteUnitsPerSecond,
    unitsPerPairWrite: traffic.pairUnits,
    unitsPerGroupWrite: traffic.groupUnits,
    busiestItemBytes: Math.max(1, maxTokenMinutes / minutes) * dedupTokenLength,
    writeUnitsPerSecond:
      counterUnits * (1 + traffic.extraWrites) + (markersPerBatch * batches) / 60 + journal.markerUnitsPerSecond,
    readUnitsPerSecond:
      markerReadUnitsPerSecond(batches, processesOf(functionsAtOnce)) +
      loads.reduce((sum, { readUnitsPerSecond }) => sum + readUnitsPerSecond, 0),
    journal,
    functionSeconds,
    functionsAtOnce,
  };
}

/** The distinct counters of a batch, also those of presence: a batch does not know which slots the table holds. */
function keysPerBatchOf(usage: Usage, traffic: Traffic, batches: number): number {
  const records = recordsPerMinute(usage);
  const share = pairShare(usage, traffic);
  const keysOf = (merged: MergedKeys, touched: number, limit: number) =>
    batches < 1
      ? Math.min(limit, mergedOver(merged, 1 / batches) * records * (1 / batches))
      : writesPerBatch(Math.min(limit, merged[0] * records), touched * records, batches);
  const pairs = keysOf(traffic.mergedPairs, traffic.pairsTouched, usage.pairsPerDay ?? Number.POSITIVE_INFINITY);
  const groups = Object.values(traffic.groupings).map(
    ({ mergedAmounts, touched, mergedPresence, present }) =>
      share *
      (keysOf(mergedAmounts, touched, Number.POSITIVE_INFINITY) +
        keysOf(mergedPresence, present, Number.POSITIVE_INFINITY)),
  );
  return groups.reduce((sum, keys) => sum + keys, pairs);
}

function byUnits(a: GroupingLoad, b: GroupingLoad): number {
  return b.writeUnitsPerSecond - a.writeUnitsPerSecond;
}

/** The processes of the busiest minute. */
function processesOf(functionsAtOnce: number): number {
  return Math.max(1, Math.ceil(assumed.peak * functionsAtOnce));
}

/** Fewer pairs than measured also lower the other groups. */
function pairShare(usage: Usage, traffic: Traffic): number {
  return (pairsPerMinute(usage, traffic) * traffic.recordsPerPair) / recordsPerMinute(usage) || 0;
}

/**
 * Returns how many of the `active` counters a batch updates. Each has `touches / active` records in a minute, and these
 * fall into the minute's batches at random.
 */
export function writesPerBatch(active: number, touches: number, batchesPerMinute: number): number {
  if (active === 0) return 0;
  const touchesPerCounter = Math.max(1, touches / active);
  return active * (1 - (1 - 1 / batchesPerMinute) ** touchesPerCounter);
}

/** The pairs that a minute's records update. */
function pairsPerMinute(usage: Usage, traffic: Traffic): number {
  const measured = recordsPerMinute(usage) / traffic.recordsPerPair;
  return Math.min(measured, usage.pairsPerDay ?? measured);
}

/** The writes of a batch to one grouping, and their units. */
function writesOfGrouping(
  { ofMinute, touched, slots }: GroupingTraffic,
  batches: number,
  usage: Usage,
  traffic: Traffic,
) {
  const records = recordsPerMinute(usage);
  const share = pairShare(usage, traffic);
  const active = records * ofMinute * share;
  const counted = writesPerBatchOf(active, touched, batches, usage, traffic);
  const filled = ((records * slots) / batches) * share;
  const units =
    counted * (traffic.groupUnits + tokenUnitsPerWrite(active, counted, batches)) + filled * traffic.groupUnits;
  return { writes: counted + filled, units };
}

/**
 * Returns the reads of counters of presence for each record: each process reads a slot once. The records of a slot fall
 * to the processes at random.
 *
 * @param present,slots the groups in which a record fills a slot, and the distinct slots, for each record
 */
function presenceReads(present: number, slots: number, processes: number): number {
  return slots === 0 ? 0 : slots * writesPerBatch(1, present / slots, processes) * processes;
}

/**
 * Returns how many of the `active` counters of a minute a batch updates. A batch of five minutes saves the measured
 * share of the writes of five minutes. A full buffer ends a batch earlier: then the saving grows with the logarithm of
 * the batch's minutes, and is 0 for one minute.
 *
 * @param active counters that a minute's records update
 */
function writesPerBatchOf(
  active: number,
  touchesPerRecord: number,
  batches: number,
  usage: Usage,
  traffic: Traffic,
): number {
  if (batches >= 1) return writesPerBatch(active, touchesPerRecord * recordsPerMinute(usage), batches);
  const minutes = 1 / batches;
  return active * minutes * traffic.fiveMinuteWrites ** (Math.log(minutes) / Math.log(5));
}

/** Write units for the dedup tokens of other batches in an item, for each write of the item. */
function tokenUnitsPerWrite(active: number, writes: number, batches: number): number {
  const unitsPerToken = (tokenMinutes * dedupTokenLength) / 1024;
  return active === 0 ? 0 : unitsPerToken * Math.max(0, (writes * batches) / active - 1);
}

/** Adds the repeated and the compacting writes, and the batch markers, to the writes or write units of a batch. */
function withExtraWrites(ofCounters: number, { extraWrites }: Traffic): number {
  return ofCounters * (1 + extraWrites) + markersPerBatch;
}

function secondsPerBatch(records: number, writes: number, machine: Measured['machine']): number {
  return (records * machine.recordMicroseconds) / 1e6 / assumed.processorShare + writes * secondsPerWrite(machine);
}

/** Each process reads the markers of the batches that other processes counted, once. */
function markerReadUnitsPerSecond(batches: number, processes: number): number {
  return (((processes - 1) * batches) / 60) * unitsPerMarkerRead;
}
