import { ENDS, LINE_FEEDS, ODD_BYTES } from './layout';

// Step 1: where fields and lines end. A byte below 0x21 ends a field, and so does a byte that is not ASCII; a usual line
// has only blanks and its line break of them.

/** Numbers of marks in the block. */
export let endCount: u32 = 0;
export let lineFeedCount: u32 = 0;

const LINE_FEED: u32 = 10;
const CARRIAGE_RETURN: u32 = 13;
const SPACE: u32 = 32;

/**
 * Marks a block from one offset of the text to before another. A carriage return before a line feed ends the last field
 * in place of the line feed.
 */
export function findEnds(text: usize, begin: u32, end: u32): void {
  let ends = ENDS;
  let lines = LINE_FEEDS;
  let odds = ODD_BYTES;
  // The bit of a line feed at the beginning of the next 64 bytes, after a carriage return.
  let joined: u64 = 0;
  const limit = i8x16.splat(0x21);
  const feed = i8x16.splat(10);
  const blank = i8x16.splat(32);
  for (let at = begin; at < end; at += 64) {
    const p = text + at;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const lowA = i8x16.lt_s(a, limit);
    const lowB = i8x16.lt_s(b, limit);
    const lowC = i8x16.lt_s(c, limit);
    const lowD = i8x16.lt_s(d, limit);
    const feedA = i8x16.eq(a, feed);
    const feedB = i8x16.eq(b, feed);
    const feedC = i8x16.eq(c, feed);
    const feedD = i8x16.eq(d, feed);
    let fieldEnds =
      <u64>(<u32>i8x16.bitmask(lowA)) |
      ((<u64>(<u32>i8x16.bitmask(lowB))) << 16) |
      ((<u64>(<u32>i8x16.bitmask(lowC))) << 32) |
      ((<u64>(<u32>i8x16.bitmask(lowD))) << 48);
    let lineEnds =
      <u64>(<u32>i8x16.bitmask(feedA)) |
      ((<u64>(<u32>i8x16.bitmask(feedB))) << 16) |
      ((<u64>(<u32>i8x16.bitmask(feedC))) << 32) |
      ((<u64>(<u32>i8x16.bitmask(feedD))) << 48);
    const odd = v128.or(
      v128.or(v128.xor(lowA, v128.or(feedA, i8x16.eq(a, blank))), v128.xor(lowB, v128.or(feedB, i8x16.eq(b, blank)))),
      v128.or(v128.xor(lowC, v128.or(feedC, i8x16.eq(c, blank))), v128.xor(lowD, v128.or(feedD, i8x16.eq(d, blank)))),
    );
    if (end - at < 64) {
      const kept = ((<u64>1) << (end - at)) - 1;
      fieldEnds &= kept;
      lineEnds &= kept;
    }
    fieldEnds &= ~joined;
    joined = 0;
    if (v128.any_true(odd)) {
      for (let rest = fieldEnds; rest !== 0; rest &= rest - 1) {
        const bit = <u32>ctz(rest);
        const place = at + bit;
        const byte = <u32>load<u8>(text + place);
        if (byte === SPACE || byte === LINE_FEED) continue;
        if (byte === CARRIAGE_RETURN && load<u8>(text + place, 1) === LINE_FEED) {
          if (bit === 63) joined = 1;
          else {
            fieldEnds &= ~((<u64>2) << bit);
            rest &= ~((<u64>2) << bit);
          }
        } else {
          store<u32>(odds, place);
          odds += 4;
        }
      }
    }
    // Most 64 bytes have up to twelve ends, and one line feed at most. Storing as many without a question is faster than a
    // loop, whose end the processor cannot predict; a next store writes over what was too much.
    const next = ends + ((<usize>popcnt(fieldEnds)) << 2);
    store<u32>(ends, at + <u32>ctz(fieldEnds), 0);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 4);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 8);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 12);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 16);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 20);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 24);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 28);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 32);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 36);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 40);
    fieldEnds &= fieldEnds - 1;
    store<u32>(ends, at + <u32>ctz(fieldEnds), 44);
    fieldEnds &= fieldEnds - 1;
    for (let mark = ends + 48; fieldEnds !== 0; mark += 4) {
      store<u32>(mark, at + <u32>ctz(fieldEnds));
      fieldEnds &= fieldEnds - 1;
    }
    ends = next;
    const nextLine = lines + ((<usize>popcnt(lineEnds)) << 2);
    store<u32>(lines, at + <u32>ctz(lineEnds));
    lineEnds &= lineEnds - 1;
    for (let mark = lines + 4; lineEnds !== 0; mark += 4) {
      store<u32>(mark, at + <u32>ctz(lineEnds));
      lineEnds &= lineEnds - 1;
    }
    lines = nextLine;
  }
  endCount = <u32>(ends - ENDS) >> 2;
  lineFeedCount = <u32>(lines - LINE_FEEDS) >> 2;
  // Behind the last mark.
  store<u32>(ends, 0xffffffff);
  store<u32>(odds, 0xffffffff);
}
