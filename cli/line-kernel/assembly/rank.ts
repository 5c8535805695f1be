import { writeAddress } from './addresses';
import { allocate } from './heap';
import { BUCKETS, SCRATCH } from './layout';
import { COUNTED, entryOf, FIRST, LAST, pairCount, REJECTS, SUM, SUM_HIGH } from './pair-table';

// The pairs in the order of their bytes, then of their rejects, then of their addresses as texts.

/** An item: the bytes as u64, all bits set if they need more; and the address of the entry. */
const ITEM: u32 = 16;

let items: usize = 0;
export let rankedCount: u32 = 0;

/** The sums of all pairs: the bytes in 128 bits. */
export let totalBytes: u64 = 0;
export let totalBytesHigh: u64 = 0;
export let totalRejects: u64 = 0;

/** Two written pairs, to compare their texts. */
const ONE_TEXT: usize = SCRATCH + 0x200;
const OTHER_TEXT: usize = SCRATCH + 0x280;
const PAIR_TEXT_BYTES: u32 = 0x80;

/** Sorts the pairs with counted flows. Merging bounds the time for any pairs. */
export function rank(): void {
  const list = allocate(<usize>pairCount * ITEM + 64);
  rankedCount = 0;
  totalBytes = 0;
  totalBytesHigh = 0;
  totalRejects = 0;
  for (let number: u32 = 0; number < pairCount; number += 1) {
    const entry = entryOf(number);
    if (!(load<u64>(entry, LAST) & COUNTED)) continue;
    const item = list + <usize>rankedCount * ITEM;
    const sum = load<u64>(entry, SUM);
    const sumHigh = load<u32>(entry, SUM_HIGH);
    totalBytes += sum;
    totalBytesHigh += <u64>sumHigh + <u64>(totalBytes < sum);
    totalRejects += rejectsOf(entry);
    store<u64>(item, sumHigh !== 0 ? u64.MAX_VALUE : sum);
    store<u32>(item, <u32>entry, 8);
    rankedCount += 1;
  }
  const other = allocate(<usize>pairCount * ITEM + 64);
  items = sortByBytes(list, other);
  sortTies(items, items === list ? other : list);
}

/** Sorts the items by their bytes, the most first: from the lowest byte of the number to the highest. @returns the list */
function sortByBytes(list: usize, other: usize): usize {
  const end = <usize>rankedCount * ITEM;
  for (let shift: u64 = 0; shift < 64; shift += 8) {
    memory.fill(BUCKETS, 0, 256 * 4);
    for (let at = list; at < list + end; at += ITEM) {
      const bucket = BUCKETS + ((<usize>((~load<u64>(at) >> shift) & 0xff)) << 2);
      store<u32>(bucket, load<u32>(bucket) + 1);
    }
    let begin: u32 = 0;
    let largest: u32 = 0;
    for (let bucket = BUCKETS; bucket < BUCKETS + 256 * 4; bucket += 4) {
      const count = load<u32>(bucket);
      largest = max(largest, count);
      store<u32>(bucket, begin);
      begin += count;
    }
    if (largest === rankedCount) continue;
    for (let at = list; at < list + end; at += ITEM) {
      const bucket = BUCKETS + ((<usize>((~load<u64>(at) >> shift) & 0xff)) << 2);
      const place = load<u32>(bucket);
      store<u32>(bucket, place + 1);
      v128.store(other + <usize>place * ITEM, v128.load(at));
    }
    const sorted = other;
    other = list;
    list = sorted;
  }
  return list;
}

/** Sorts each run of items with the same bytes. */
function sortTies(list: usize, other: usize): void {
  const end = list + <usize>rankedCount * ITEM;
  let touchedTo = list;
  for (let begin = list; begin < end; ) {
    if (begin >= touchedTo) touchedTo = touchEntries(begin, end);
    let after = begin + ITEM;
    while (after < end && load<u64>(after) === load<u64>(begin)) after += ITEM;
    if (after - begin > ITEM) sortRun(begin, after, other);
    begin = after;
  }
}

/** Entries that are loaded at once: they lie anywhere in the memory, and the loads overlap. */
const TOUCHED_ITEMS: u32 = 64;

/** Exported, so that no compiler leaves out the loads. */
export let lastTouched: u32 = 0;

/** Loads the entries of the next items before `end`. @returns the address behind these items */
function touchEntries(begin: usize, end: usize): usize {
  const after = min(begin + TOUCHED_ITEMS * ITEM, end);
  let touched: u32 = 0;
  for (let item = begin; item < after; item += ITEM) touched |= load<u32>(entryAt(item));
  lastTouched = touched;
  return after;
}

/** Sorts items from one address to before another. Merging bounds the time for any pairs. @param room for as many items */
function sortRun(begin: usize, after: usize, room: usize): void {
  const length = after - begin;
  let list = begin;
  let other = room;
  for (let run: usize = ITEM; run < length; run <<= 1) {
    for (let at: usize = 0; at < length; at += run << 1) {
      merge(list, other, at, min(at + run, length), min(at + (run << 1), length));
    }
    const sorted = other;
    other = list;
    list = sorted;
  }
  if (list !== begin) memory.copy(begin, list, length);
}

/** Loads the entries of the next ranks from one on. @returns the rank behind them */
export function touchRanks(from: u32): u32 {
  const after = touchEntries(items + <usize>from * ITEM, items + <usize>rankedCount * ITEM);
  return <u32>(after - items) / ITEM;
}

/** Returns the entry at a rank below `rankedCount`. */
export function rankedEntry(at: u32): usize {
  return entryAt(items + <usize>at * ITEM);
}

/** Merges two sorted runs that follow each other: from `begin` to `middle`, and from there to `end`. */
function merge(list: usize, to: usize, begin: usize, middle: usize, end: usize): void {
  let left = begin;
  let right = middle;
  for (let at = begin; at < end; at += ITEM) {
    const takesLeft = right === end || (left < middle && !isBefore(entryAt(list + right), entryAt(list + left)));
    v128.store(to + at, v128.load(list + (takesLeft ? left : right)));
    if (takesLeft) left += ITEM;
    else right += ITEM;
  }
}

function entryAt(item: usize): usize {
  return <usize>load<u32>(item, 8);
}

function isBefore(one: usize, other: usize): bool {
  const oneHigh = load<u32>(one, SUM_HIGH);
  const otherHigh = load<u32>(other, SUM_HIGH);
  if (oneHigh !== otherHigh) return oneHigh > otherHigh;
  const oneSum = load<u64>(one, SUM);
  const otherSum = load<u64>(other, SUM);
  if (oneSum !== otherSum) return oneSum > otherSum;
  const oneRejects = rejectsOf(one);
  const otherRejects = rejectsOf(other);
  if (oneRejects !== otherRejects) return oneRejects > otherRejects;
  writePairText(ONE_TEXT, one);
  writePairText(OTHER_TEXT, other);
  for (let at: u32 = 0; at < PAIR_TEXT_BYTES; at += 1) {
    const a = load<u8>(ONE_TEXT + at);
    const b = load<u8>(OTHER_TEXT + at);
    if (a !== b) return a < b;
  }
  return false;
}

/** Returns the number of rejects of an entry. */
export function rejectsOf(entry: usize): u64 {
  return <u64>load<u32>(entry, REJECTS) | (((load<u64>(entry, FIRST) >> 40) & 0xffff) << 32);
}

/** Writes both addresses, each with zeros behind it. */
function writePairText(at: usize, entry: usize): void {
  memory.fill(at, 0, PAIR_TEXT_BYTES);
  const kinds = <u32>load<u8>(entry, 55);
  writeAddress(writeAddress(at, entry, kinds & 1) + 1, entry + 16, kinds >> 1);
}
