import { writeAddress } from './addresses';
import { TEXT, WORDS } from './layout';
import { writeNumber } from './numbers';
import { FIRST, LAST, SECONDS, SUM, SUM_HIGH } from './pair-table';
import { rankedEntry, rejectsOf, touchRanks } from './rank';

// Pairs as JSON: cli/statistics/pair-counter.ts writes the same.

/** Words at WORDS, by number. */
const SOURCE_WORD: u32 = 0;
const DESTINATION_WORD: u32 = 1;
const BYTES_WORD: u32 = 2;
const REJECTS_WORD: u32 = 3;
const FIRST_WORD: u32 = 4;
const LAST_WORD: u32 = 5;
const END_WORD: u32 = 6;

/** Text that is printed at once. */
const PRINT_BYTES: u32 = 0x10000;

/** More bytes than a pair takes: two addresses of 39 bytes, four numbers of 20 digits, and words of 31. */
const PAIR_BYTES: u32 = 512;

/** The rank behind the last pair that was printed. */
export let printedTo: u32 = 0;

function writeWord(at: usize, number: u32): usize {
  const word = WORDS + (number << 5);
  v128.store(at, v128.load(word, 1));
  v128.store(at, v128.load(word, 16), 15);
  return at + load<u8>(word);
}

function writeNull(at: usize): usize {
  store<u32>(at, 0x6c6c756e);
  return at + 4;
}

/**
 * Writes the pairs at ranks from one to before another to TEXT, until it has many or a sum needs more than 64 bits.
 *
 * @returns the number of bytes
 */
export function print(from: u32, to: u32): u32 {
  const full = TEXT + PRINT_BYTES - PAIR_BYTES;
  let at = TEXT;
  let rank = from;
  let touchedTo = from;
  for (; rank < to && at < full; rank += 1) {
    if (rank >= touchedTo) touchedTo = touchRanks(rank);
    const entry = rankedEntry(rank);
    if (load<u32>(entry, SUM_HIGH) !== 0) break;
    const kinds = <u32>load<u8>(entry, 55);
    at = writeAddress(writeWord(at, SOURCE_WORD), entry, kinds & 1);
    at = writeAddress(writeWord(at, DESTINATION_WORD), entry + 16, kinds >> 1);
    at = writeNumber(writeWord(at, BYTES_WORD), load<u64>(entry, SUM));
    at = writeNumber(writeWord(at, REJECTS_WORD), rejectsOf(entry));
    const first = load<u64>(entry, FIRST) & SECONDS;
    if (first === SECONDS) at = writeNull(writeWord(writeNull(writeWord(at, FIRST_WORD)), LAST_WORD));
    else {
      at = writeNumber(writeWord(at, FIRST_WORD), first);
      at = writeNumber(writeWord(at, LAST_WORD), load<u64>(entry, LAST) & SECONDS);
    }
    at = writeWord(at, END_WORD);
  }
  printedTo = rank;
  return <u32>(at - TEXT);
}
