import { ipv4Of, isAddress, isDashKey, TEXT_KEY } from './addresses';
import { hashOf, seedHashes } from './hash';
import { allocate, release, releaseAll } from './heap';
import { COUNTS, GIVEN, RECORDS, TEXT } from './layout';
import {
  ACTION,
  BYTES,
  CANDIDATE,
  DESTINATION,
  DIRECTION_SHIFT,
  END,
  FORWARDED,
  HASH,
  KINDS_SHIFT,
  LENGTH,
  LINE,
  leave,
  RECORD,
  SOURCE,
  START,
  STATUS_SHIFT,
  TRAITS,
} from './read-lines';

// Step 3: from records to pairs. An open-addressing hash table finds the entry of a pair.

/** An entry: one line of the processor's cache. */
export const ENTRY: u32 = 64;
// 0 and 16: the keys of source and destination.
/** u64: the lower bits of the sum of bytes; the u32 behind it has the higher bits. */
export const SUM: usize = 32;
export const SUM_HIGH: usize = 40;
/** u32: the lower bits of the number of rejects. */
export const REJECTS: usize = 44;
/** u64: the first second in 40 bits, all set if unknown; 16 higher bits of rejects; the kinds of the keys in the top byte. */
export const FIRST: usize = 48;
/** u64: the last second in 40 bits; whether a flow was counted; in the top byte, which ends are monitored. */
export const LAST: usize = 56;

export const SECONDS: u64 = (1 << 40) - 1;
export const COUNTED: u64 = 1 << 40;
const KINDS: usize = 55;
const MONITORED: usize = 63;

/** Entries lie in blocks of this number, in the order in which they were added. */
const BLOCK_ENTRIES: u32 = 4096;

/** The addresses of the blocks: u32 each. 65,536 blocks are more than the memory holds. */
let blocks: usize = 0;
export let pairCount: u32 = 0;

/** The index: for each slot, the hash and the address of an entry, u32 each; zeros in free slots. */
let index: usize = 0;
let mask: u32 = 0;

/** Networks to find duplicate observations by: 4 addresses and masks of u32, then of 16 bytes. */
let networks4: usize = 0;
let networks4End: usize = 0;
let networks6: usize = 0;
let networks6End: usize = 0;

/** The range of the flows to count, by their end. */
let rangeFrom: i64 = 0;
let rangeTo: i64 = i64.MAX_VALUE;

/** Empties the table. Must be called before the first use. */
export function startTable(a: u64, b: u64, c: u64, d: u64): void {
  releaseAll();
  pairCount = 0;
  networks4 = 0;
  networks4End = 0;
  networks6 = 0;
  networks6End = 0;
  seedHashes(a, b, c, d);
  blocks = allocate(65536 * 4);
  index = allocate(8192 * 8);
  mask = 8191;
}

/** Returns the place for the host to write the monitored networks to. */
export function planNetworks(ipv4: u32, ipv6: u32): usize {
  networks4 = allocate((<usize>(ipv4 * 8 + ipv6 * 32) + 63) & ~63);
  networks4End = networks4 + ipv4 * 8;
  networks6 = networks4End;
  networks6End = networks6 + ipv6 * 32;
  return networks4;
}

export function planRange(from: i64, to: i64): void {
  rangeFrom = from;
  rangeTo = to;
}

// ---- what the lines were ----

let flows: u32 = 0;
let noData: u32 = 0;
let skipData: u32 = 0;
let counted: u32 = 0;
let leftOut: u32 = 0;
let noAddress: u32 = 0;
let noAction: u32 = 0;
let noBytes: u32 = 0;
let outside: u32 = 0;
/** The earliest start and the latest end, in epoch seconds. */
let from: i64 = i64.MAX_VALUE;
let to: i64 = -1;
let outsideFrom: i64 = i64.MAX_VALUE;
let outsideTo: i64 = -1;

export function forgetCounts(): void {
  flows = 0;
  noData = 0;
  skipData = 0;
  counted = 0;
  leftOut = 0;
  noAddress = 0;
  noAction = 0;
  noBytes = 0;
  outside = 0;
  from = i64.MAX_VALUE;
  to = -1;
  outsideFrom = i64.MAX_VALUE;
  outsideTo = -1;
}

/** Writes the counts to COUNTS, each as f64; a time is infinite if no flow has it. */
export function writeCounts(): void {
  store<f64>(COUNTS, <f64>flows);
  store<f64>(COUNTS, <f64>noData, 8);
  store<f64>(COUNTS, <f64>skipData, 16);
  store<f64>(COUNTS, <f64>counted, 24);
  store<f64>(COUNTS, <f64>leftOut, 32);
  store<f64>(COUNTS, <f64>noAddress, 40);
  store<f64>(COUNTS, <f64>noAction, 48);
  store<f64>(COUNTS, <f64>noBytes, 56);
  store<f64>(COUNTS, <f64>outside, 64);
  store<f64>(COUNTS, to < 0 ? Infinity : <f64>from, 72);
  store<f64>(COUNTS, to < 0 ? -Infinity : <f64>to, 80);
  store<f64>(COUNTS, outsideTo < 0 ? Infinity : <f64>outsideFrom, 88);
  store<f64>(COUNTS, outsideTo < 0 ? -Infinity : <f64>outsideTo, 96);
}

// ---- the table ----

function isPair(entry: usize, source: v128, destination: v128, kinds: u32): bool {
  const differing = v128.or(v128.xor(source, v128.load(entry)), v128.xor(destination, v128.load(entry, 16)));
  return !v128.any_true(differing) && load<u8>(entry, KINDS) === kinds;
}

/** Finds a pair. @returns its entry, or 0 with `freeSlot` set */
function find(source: v128, destination: v128, kinds: u32, hash: u32): usize {
  let slot = hash & mask;
  for (;;) {
    const place = index + ((<usize>slot) << 3);
    const entry = <usize>load<u32>(place, 4);
    if (entry === 0) break;
    if (load<u32>(place) === hash) {
      if (isPair(entry, source, destination, kinds)) return entry;
    }
    slot = (slot + 1) & mask;
  }
  freeSlot = slot;
  return 0;
}

let freeSlot: u32 = 0;

/** Adds the pair that `find` has not found. */
function add(source: v128, destination: v128, kinds: u32, hash: u32): usize {
  if (pairCount >= (mask >> 2) * 3) {
    growIndex();
    freeSlot = hash & mask;
    while (load<u32>(index + ((<usize>freeSlot) << 3), 4) !== 0) freeSlot = (freeSlot + 1) & mask;
  }
  const place = blocks + ((pairCount / BLOCK_ENTRIES) << 2);
  if (pairCount % BLOCK_ENTRIES === 0) store<u32>(place, <u32>allocate(BLOCK_ENTRIES * ENTRY));
  const entry = <usize>load<u32>(place) + (pairCount % BLOCK_ENTRIES) * ENTRY;
  pairCount += 1;
  v128.store(entry, source);
  v128.store(entry, destination, 16);
  store<u64>(entry, ((<u64>kinds) << 56) | SECONDS, FIRST);
  const slot = index + ((<usize>freeSlot) << 3);
  store<u32>(slot, hash);
  store<u32>(slot, <u32>entry, 4);
  return entry;
}

/** Returns the entry of a number below `pairCount`. */
export function entryOf(number: u32): usize {
  return <usize>load<u32>(blocks + ((number / BLOCK_ENTRIES) << 2)) + (number % BLOCK_ENTRIES) * ENTRY;
}

/** Doubles the index: its slots are spread again by their hashes. */
function growIndex(): void {
  const old = index;
  const oldBytes = (<usize>mask + 1) << 3;
  index = allocate(oldBytes << 1);
  mask = (mask << 1) | 1;
  for (let place = old; place < old + oldBytes; place += 8) {
    const entry = load<u32>(place, 4);
    if (entry === 0) continue;
    let slot = load<u32>(place) & mask;
    while (load<u32>(index + ((<usize>slot) << 3), 4) !== 0) slot = (slot + 1) & mask;
    store<u32>(index + ((<usize>slot) << 3), load<u32>(place));
    store<u32>(index + ((<usize>slot) << 3), entry, 4);
  }
  release(old, oldBytes);
}

// ---- sums ----

function addSum(entry: usize, low: u64, high: u32): void {
  const sum = load<u64>(entry, SUM) + low;
  store<u64>(entry, sum, SUM);
  if (sum < low) high += 1;
  if (high !== 0) store<u32>(entry, load<u32>(entry, SUM_HIGH) + high, SUM_HIGH);
}

function addRejects(entry: usize, low: u32, high: u32): void {
  const rejects = load<u32>(entry, REJECTS) + low;
  store<u32>(entry, rejects, REJECTS);
  if (rejects < low) high += 1;
  if (high !== 0) store<u64>(entry, load<u64>(entry, FIRST) + ((<u64>high) << 40), FIRST);
}

/** Adds the time of counted flows. @param first all bits of SECONDS if unknown */
function addTimes(entry: usize, first: u64, last: u64): void {
  const word = load<u64>(entry, FIRST);
  if (first < (word & SECONDS)) store<u64>(entry, (word & ~SECONDS) | first, FIRST);
  const lastWord = load<u64>(entry, LAST);
  if (!(lastWord & COUNTED) || last > (lastWord & SECONDS)) {
    store<u64>(entry, (lastWord & ~SECONDS) | COUNTED | last, LAST);
  }
}

// ---- records ----

/** The value in place of an entry for a record without a source or a destination. */
const NO_ENTRY: usize = 1;

/** Returns a new pair's entry after checking its addresses: NO_ENTRY if one is `-`, 0 if the line must be left. */
function firstSight(record: usize, kinds: u32, traits: u32, hash: u32): usize {
  if (!isAddress(record + SOURCE, kinds & 1) || !isAddress(record + DESTINATION, kinds >> 1)) return 0;
  const hasSource = (kinds & 1) !== 0 || !isDashKey(record + SOURCE);
  const hasDestination = (kinds & 2) !== 0 || !isDashKey(record + DESTINATION);
  if (!hasSource || !hasDestination) {
    // An accepted flow from a known source may be a duplicate observation all the same.
    return hasSource && (traits & ACTION) === 0 && ((traits >> DIRECTION_SHIFT) & 3) !== 0 ? 0 : NO_ENTRY;
  }
  const entry = add(v128.load(record, SOURCE), v128.load(record, DESTINATION), kinds, hash);
  const monitored = <u32>isMonitored(entry, kinds & 1) | ((<u32>isMonitored(entry + 16, kinds >> 1)) << 1);
  store<u8>(entry, <u8>monitored, MONITORED);
  return entry;
}

function isMonitored(key: usize, kind: u32): bool {
  if (kind === TEXT_KEY) {
    if (networks4 === networks4End) return false;
    const address = <u32>ipv4Of(key);
    for (let network = networks4; network < networks4End; network += 8) {
      if ((address & load<u32>(network, 4)) === load<u32>(network)) return true;
    }
    return false;
  }
  const address = v128.load(key);
  for (let network = networks6; network < networks6End; network += 32) {
    const masked = v128.and(address, v128.load(network, 16));
    if (!v128.any_true(v128.xor(masked, v128.load(network)))) return true;
  }
  return false;
}

/** Seconds before its end from which a flow's start is wrong: lambda/aggregate/plausible-time.ts. */
const LONGEST_FLOW: i64 = 172800;

/**
 * Looks up where the entries of records probably are, and touches them. The loop waits for no load, so the processor has
 * many loads from memory under way at once.
 */
function findCandidates(after: usize): void {
  let touched: u32 = 0;
  for (let record = RECORDS; record < after; record += RECORD) {
    const kinds = load<u32>(record, TRAITS) >> KINDS_SHIFT;
    const hash = hashOf(v128.load(record, SOURCE), v128.load(record, DESTINATION), kinds);
    const entry = <usize>load<u32>(index + ((<usize>(hash & mask)) << 3), 4);
    touched |= load<u32>(entry, SUM);
    store<u32>(record, hash, HASH);
    store<u32>(record, <u32>entry, CANDIDATE);
  }
  lastTouched = touched;
}

/** Exported, so that no compiler leaves out the loads of findCandidates. */
export let lastTouched: u32 = 0;

/** Counts records. @param count their number */
export function countRecords(count: u32): void {
  const after = RECORDS + count * RECORD;
  findCandidates(after);
  const first = rangeFrom;
  const beyond = rangeTo;
  for (let record = RECORDS; record < after; record += RECORD) {
    const source = v128.load(record, SOURCE);
    const destination = v128.load(record, DESTINATION);
    const traits = load<u32>(record, TRAITS);
    const kinds = traits >> KINDS_SHIFT;
    const hash = load<u32>(record, HASH);
    let entry = <usize>load<u32>(record, CANDIDATE);
    if (entry === 0 || !isPair(entry, source, destination, kinds)) entry = find(source, destination, kinds, hash);
    if (entry === 0) {
      entry = firstSight(record, kinds, traits, hash);
      if (entry === 0) {
        leave(load<u32>(record, LINE), load<u32>(record, LENGTH));
        continue;
      }
    }
    const start = load<i64>(record, START);
    const end = load<i64>(record, END);
    const finish = end < 0 ? start : end;
    if (finish < first || finish >= beyond) {
      outside += 1;
      outsideFrom = min(outsideFrom, finish);
      outsideTo = max(outsideTo, finish);
      continue;
    }
    const status = (traits >> STATUS_SHIFT) & 3;
    if (status === 0) flows += 1;
    else if (status === 1) noData += 1;
    else skipData += 1;
    from = min(from, start < 0 ? end : start);
    to = max(to, finish);
    const action = traits & ACTION;
    const direction = (traits >> DIRECTION_SHIFT) & 3;
    if (entry === NO_ENTRY) {
      if (status === 0) noAddress += 1;
      continue;
    }
    if (action === 0 && direction !== 0) {
      const monitored = <u32>load<u8>(entry, MONITORED);
      const isForwarded = (traits & FORWARDED) !== 0;
      if (direction === 1 ? (monitored & 1) !== 0 : isForwarded && monitored === 2) {
        leftOut += 1;
        continue;
      }
    }
    const sent = load<i64>(record, BYTES);
    if (action === 1) addRejects(entry, 1, 0);
    else if (action === 0 && sent >= 0) addSum(entry, <u64>sent, 0);
    else {
      if (status === 0) {
        if (action === 2) noAction += 1;
        else noBytes += 1;
      }
      continue;
    }
    counted += 1;
    const begin = start < 0 || start > finish || start < finish - LONGEST_FLOW ? finish : start;
    addTimes(entry, <u64>begin, <u64>finish);
  }
}

// ---- entries of the host, and of another thread ----

/** Adds the entries of another table, which are at TEXT. */
export function addEntries(count: u32): void {
  for (let at = TEXT; at < TEXT + count * ENTRY; at += ENTRY) addEntry(at);
}

/** Adds the entry at GIVEN. */
export function addGiven(): void {
  addEntry(GIVEN);
}

function addEntry(other: usize): void {
  const source = v128.load(other);
  const destination = v128.load(other, 16);
  const kinds = <u32>load<u8>(other, KINDS);
  const hash = hashOf(source, destination, kinds);
  let entry = find(source, destination, kinds, hash);
  if (entry === 0) {
    entry = add(source, destination, kinds, hash);
    const monitored = <u32>isMonitored(entry, kinds & 1) | ((<u32>isMonitored(entry + 16, kinds >> 1)) << 1);
    store<u8>(entry, <u8>monitored, MONITORED);
  }
  const last = load<u64>(other, LAST);
  if (!(last & COUNTED)) return;
  const first = load<u64>(other, FIRST);
  addSum(entry, load<u64>(other, SUM), load<u32>(other, SUM_HIGH));
  addRejects(entry, load<u32>(other, REJECTS), <u32>(first >> 40) & 0xffff);
  addTimes(entry, first & SECONDS, last & SECONDS);
}
