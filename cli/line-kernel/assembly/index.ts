import { isAddress } from './addresses';
import { findEnds, lineFeedCount } from './find-ends';
import { BLOCK, MAX_LEFT, RECORDS, TEXT } from './layout';
import { countRecords, forgetCounts, writeCounts } from './pair-table';
import {
  DESTINATION,
  forgetLeft,
  KINDS_SHIFT,
  LENGTH,
  LINE,
  leave,
  leftCount,
  RECORD,
  readLines,
  SOURCE,
  TRAITS,
} from './read-lines';

export { isFull } from './heap';
export {
  addEntries,
  addGiven,
  entryOf,
  lastTouched,
  pairCount,
  planNetworks,
  planRange,
  startTable,
} from './pair-table';
export { print, printedTo } from './print';
export {
  lastTouched as lastRanked,
  rank,
  rankedCount,
  rankedEntry,
  totalBytes,
  totalBytesHigh,
  totalRejects,
} from './rank';
export { leftCount, planAddresses, planFields, planSpelling, planValues, planVersion, planWords } from './read-lines';

/** The number of lines in the last scan. */
export let lineCount: u32 = 0;

/** The number of checked lines that end with CR LF. */
export let crLfCount: u32 = 0;

/** What a scan does with records. */
let isCheck: bool = false;

/**
 * Counts the complete lines from an offset of TEXT on, block by block. The lines that it leaves are in the list at LEFT.
 *
 * @param begin the offset of the first line
 * @param length the end of the text
 * @returns the offset behind the last line that was read: less than the end if the last line is incomplete, or if many
 * lines were left
 */
export function count(begin: u32, length: u32): u32 {
  isCheck = false;
  forgetCounts();
  const end = scan(begin, length);
  writeCounts();
  return end;
}

/** Checks complete lines without counting them. @returns as `count` */
export function check(begin: u32, length: u32): u32 {
  isCheck = true;
  crLfCount = 0;
  return scan(begin, length);
}

function scan(begin: u32, length: u32): u32 {
  forgetLeft();
  lineCount = 0;
  let at = begin;
  while (at < length && leftCount < MAX_LEFT) {
    let end = min(at + BLOCK, length);
    while (end > at && load<u8>(TEXT + end - 1) !== 10) end -= 1;
    if (end > at) {
      findEnds(TEXT, at, end);
      lineCount += lineFeedCount;
      const records = readLines(TEXT, at);
      if (isCheck) checkRecords(records);
      else countRecords(records);
    } else {
      // A line that is longer than a block.
      end = at + BLOCK;
      while (end < length && load<u8>(TEXT + end) !== 10) end += 1;
      if (end >= length) return at;
      end += 1;
      lineCount += 1;
      leave(at, end - at);
    }
    at = end;
  }
  return at;
}

function checkRecords(count: u32): void {
  for (let record = RECORDS; record < RECORDS + count * RECORD; record += RECORD) {
    const kinds = load<u32>(record, TRAITS) >> KINDS_SHIFT;
    const line = load<u32>(record, LINE);
    const length = load<u32>(record, LENGTH);
    if (!isAddress(record + SOURCE, kinds & 1) || !isAddress(record + DESTINATION, kinds >> 1)) leave(line, length);
    else if (load<u8>(TEXT + line + length - 2) === 13) crLfCount += 1;
  }
}
