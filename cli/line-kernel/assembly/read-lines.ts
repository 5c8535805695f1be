import { IPV6_KEY, isAddress, isDashKey, mayBeIpv6, NO_KEY, parseIpv6, TEXT_KEY, writeAddress } from './addresses';
import { endCount, lineFeedCount } from './find-ends';
import { hashOf } from './hash';
import { ENDS, LEFT, LINE_FEEDS, MASKS, NUMBERS, ODD_BYTES, RECORDS, SCRATCH, TEXTS, VALUES } from './layout';
import { NOT_AVAILABLE, readNumber } from './numbers';

// Step 2: from marks to records. A line whose every field is valid becomes a record; any other line is left to the slow
// path. Addresses of IPv4 are only cut out: step 3 checks a pair of them when it meets the pair for the first time.

/** A record: the keys of source and destination, the values, and where the line is. */
export const RECORD: u32 = 80;
export const SOURCE: usize = 0;
export const DESTINATION: usize = 16;
/** i64; -1 if not available, like `start` and `end`. */
export const BYTES: usize = 32;
export const START: usize = 40;
export const END: usize = 48;
/** u32: see below. */
export const TRAITS: usize = 56;
/** u32: where the line begins, and its length with its line feed. */
export const LINE: usize = 60;
export const LENGTH: usize = 64;
/** u32: the hash of the keys. */
export const HASH: usize = 68;
/** u32, set in step 3: the address of the entry that probably is that of the pair; 0 without such an entry. */
export const CANDIDATE: usize = 72;

// The traits of a record.
export const ACTION: u32 = 3; //            0 ACCEPT, 1 REJECT, 2 not available
export const STATUS_SHIFT: u32 = 2; //      0 OK or not available, 1 NODATA, 2 SKIPDATA
export const DIRECTION_SHIFT: u32 = 4; //   0 not available, 1 ingress, 2 egress
export const FORWARDED: u32 = 1 << 6; //    srcaddr is not the packet's source
export const KINDS_SHIFT: u32 = 8; //       1 if the source is IPv6, 2 if the destination is

// ---- the plan of the format: indexes of fields, -1 without the field ----

let fieldCount: u32 = 0;
let numberCount: u32 = 0;
let textCount: u32 = 0;
let mayBeHeader: bool = false;
let srcaddr: u32 = 0;
let dstaddr: u32 = 0;
let pktSrcaddr: i32 = -1;
let pktDstaddr: i32 = -1;
let actionField: i32 = -1;
let statusField: i32 = -1;
let directionField: i32 = -1;
// The offsets of values among those of number fields, in VALUES.
let bytesValue: i32 = -1;
let startValue: u32 = 0;
let endValue: u32 = 0;
let versionValue: u32 = 0;
/** A bit for each version up to 63 that only other formats have: such lines are left. */
let foreignVersions: u64 = 0;
/** Whether IPv6 addresses must have their canonical spelling. */
let isStrict: bool = false;

/**
 * Sets the numbers of fields: NUMBERS and TEXTS list those whose values are only checked.
 *
 * @param headers whether a line of the format could be a header: one that begins with a letter is left
 */
export function planFields(fields: u32, numbers: u32, texts: u32, headers: bool): void {
  fieldCount = fields;
  numberCount = numbers;
  textCount = texts;
  mayBeHeader = headers;
  for (let length: u32 = 0; length <= 16; length += 1) {
    for (let byte: u32 = 0; byte < 16; byte += 1) store<u8>(MASKS + (length << 4) + byte, byte < length ? 0xff : 0);
  }
}

export function planAddresses(source: u32, destination: u32, packetSource: i32, packetDestination: i32): void {
  srcaddr = source;
  dstaddr = destination;
  pktSrcaddr = packetSource;
  pktDstaddr = packetDestination;
  // "-", which is valid: zeros would be an empty field, which is not.
  const dash = i8x16.replace_lane(i8x16.splat(0), 0, 0x2d);
  v128.store(VALID_KEY, dash);
  v128.store(VALID_KEY, dash, 0x10);
}

/** Sets which of the number fields have values for a record, by their indexes in NUMBERS. */
export function planValues(bytes: i32, start: u32, end: u32): void {
  bytesValue = bytes < 0 ? -1 : bytes << 3;
  startValue = start << 3;
  endValue = end << 3;
}

export function planWords(action: i32, status: i32, direction: i32): void {
  actionField = action;
  statusField = status;
  directionField = direction;
}

/** @param version the index in NUMBERS; not used without foreign versions */
export function planVersion(version: i32, foreign: u64): void {
  versionValue = version << 3;
  foreignVersions = version < 0 ? 0 : foreign;
}

export function planSpelling(strict: bool): void {
  isStrict = strict;
}

// ---- lines that are left ----

export let leftCount: u32 = 0;

export function forgetLeft(): void {
  leftCount = 0;
}

export function leave(line: u32, length: u32): void {
  const at = LEFT + (leftCount << 3);
  store<u32>(at, line);
  store<u32>(at, length, 4);
  leftCount += 1;
}

// ---- fields of a line: `ends` is the mark of the end of its first field ----

function endOf(ends: usize, field: u32): u32 {
  return load<u32>(ends + (field << 2));
}

function beginOf(ends: usize, field: u32): u32 {
  return load<u32>(ends + (field << 2) - 4) + 1;
}

function isDash(text: usize, begin: u32, end: u32): bool {
  return end - begin === 1 && load<u8>(text + begin) === 0x2d;
}

/** Returns the first 16 bytes of a field, with zeros behind a shorter field. */
function keyOf(text: usize, begin: u32, length: u32): v128 {
  return v128.and(v128.load(text + begin), v128.load(MASKS + (min(length, 16) << 4)));
}

// The words of action, status and direction, as little-endian bytes.
const SIX_BYTES: u64 = 0xffffffffffff;
const ACCEPT: u64 = 0x545045434341;
const REJECT: u64 = 0x5443454a4552;
const OK: u64 = 0x4b4f;
const NODATA: u64 = 0x415441444f4e;
const SKIPDATA: u64 = 0x4154414450494b53;
const INGRESS: u64 = 0x73736572676e69;
const EGRESS: u64 = 0x737365726765;

const NO_WORD: u32 = 0xff;

function actionOf(text: usize, begin: u32, end: u32): u32 {
  if (end - begin === 6) {
    const word = load<u64>(text + begin) & SIX_BYTES;
    if (word === ACCEPT) return 0;
    if (word === REJECT) return 1;
  }
  return isDash(text, begin, end) ? 2 : NO_WORD;
}

function statusOf(text: usize, begin: u32, end: u32): u32 {
  const word = load<u64>(text + begin);
  const length = end - begin;
  if (length === 2 && (word & 0xffff) === OK) return 0;
  if (length === 6 && (word & SIX_BYTES) === NODATA) return 1;
  if (length === 8 && word === SKIPDATA) return 2;
  return isDash(text, begin, end) ? 0 : NO_WORD;
}

function directionOf(text: usize, begin: u32, end: u32): u32 {
  const word = load<u64>(text + begin);
  const length = end - begin;
  if (length === 7 && (word & 0xffffffffffffff) === INGRESS) return 1;
  if (length === 6 && (word & SIX_BYTES) === EGRESS) return 2;
  return isDash(text, begin, end) ? 0 : NO_WORD;
}

// ---- addresses that are not two plain texts ----

/** The key and kind that readAddress has found. */
const SOURCE_KEY: usize = SCRATCH;
const DESTINATION_KEY: usize = SCRATCH + 0x10;
const PACKET_KEY: usize = SCRATCH + 0x20;
/** The last valid address of an interface that forwards flows, of each end: that of a NAT gateway comes again and again. */
const VALID_KEY: usize = SCRATCH + 0x80;
/** A written address, to compare spellings. */
const SPELLING: usize = SCRATCH + 0x100;

/** Writes the key of an address. @returns its kind: TEXT_KEY is not checked, NO_KEY is no address */
function readAddress(text: usize, ends: usize, field: u32, key: usize): u32 {
  const begin = beginOf(ends, field);
  const length = endOf(ends, field) - begin;
  if (!mayBeIpv6(text + begin, length)) {
    if (length > 15) return NO_KEY;
    v128.store(key, keyOf(text, begin, length));
    return TEXT_KEY;
  }
  if (!parseIpv6(text + begin, length, key)) return NO_KEY;
  if (isStrict) {
    if (<u32>(writeAddress(SPELLING, key, IPV6_KEY) - SPELLING) !== length) return NO_KEY;
    for (let index: u32 = 0; index < length; index += 1) {
      if (load<u8>(SPELLING + index) !== load<u8>(text + begin + index)) return NO_KEY;
    }
  }
  return IPV6_KEY;
}

/**
 * Writes the key of an endpoint: of the packet's address if the format has the field and the line has the value, or else
 * of the interface's. An address that is not used is checked here.
 *
 * @returns its kind; with FORWARDED if both addresses are available and differ; NO_KEY if the line must be left
 */
function readEndpoint(text: usize, ends: usize, field: u32, packetField: i32, key: usize): u32 {
  const kind = readAddress(text, ends, field, key);
  if (kind === NO_KEY || packetField < 0) return kind;
  const packetKind = readAddress(text, ends, packetField, PACKET_KEY);
  if (packetKind === NO_KEY || (packetKind === TEXT_KEY && isDashKey(PACKET_KEY))) {
    return packetKind === NO_KEY ? NO_KEY : kind;
  }
  const packet = v128.load(PACKET_KEY);
  const address = v128.load(key);
  if (kind === packetKind && !v128.any_true(v128.xor(packet, address))) return kind;
  const valid = VALID_KEY + (key - SOURCE_KEY);
  if (kind === TEXT_KEY && v128.any_true(v128.xor(address, v128.load(valid)))) {
    if (!isAddress(key, kind)) return NO_KEY;
    v128.store(valid, address);
  }
  const isForwarded = !(kind === TEXT_KEY && isDashKey(key));
  v128.store(key, packet);
  return isForwarded ? packetKind | FORWARDED : packetKind;
}

// ---- the lines of a block ----

/** Makes records of a block's lines. @param begin the offset of the first line. @returns the number of records */
export function readLines(text: usize, begin: u32): u32 {
  // Locals, because a load from memory or of a global is not kept in a register across stores.
  const numbers = NUMBERS + (numberCount << 4);
  const texts = TEXTS + (textCount << 2);
  const lastField = (fieldCount - 1) << 2;
  const source = srcaddr;
  const destination = dstaddr;
  const packetSource = pktSrcaddr;
  const packetDestination = pktDstaddr;
  const afterEnds = ENDS + (endCount << 2);
  const afterLines = LINE_FEEDS + (lineFeedCount << 2);
  const colon = i8x16.splat(0x3a);
  let ends = ENDS;
  let odd = ODD_BYTES;
  let record = RECORDS;
  let line = begin;
  // The end before the first field.
  store<u32>(ENDS - 4, begin - 1);
  for (let feed = LINE_FEEDS; feed < afterLines; feed += 4) {
    const lineFeed = load<u32>(feed);
    const length = lineFeed + 1 - line;
    const last = ends + lastField;
    // As many ends as fields, and the last of them at the line break.
    let isUsual = last < afterEnds && load<u32>(odd) > lineFeed;
    if (isUsual) {
      const end = load<u32>(last);
      isUsual = end === lineFeed || (end + 1 === lineFeed && load<u8>(text + end) === 13);
    }
    if (!isUsual) {
      leave(line, length);
      while (load<u32>(ends) <= lineFeed) ends += 4;
      while (load<u32>(odd) <= lineFeed) odd += 4;
      line = lineFeed + 1;
      store<u32>(ends - 4, lineFeed);
      continue;
    }

    const firstByte = <u32>load<u8>(text + line);
    let problem: u64 = <u64>(firstByte === 0x7b);
    if (mayBeHeader) problem |= <u64>(firstByte === 0x24 || firstByte - 0x61 < 26);
    let value = VALUES;
    for (let plan = NUMBERS; plan < numbers; plan += 16) {
      const field = load<u32>(plan);
      const fieldEnd = endOf(ends, field);
      const number = readNumber(text + fieldEnd, fieldEnd - beginOf(ends, field));
      problem |= <u64>(number < NOT_AVAILABLE || number > load<i64>(plan, 8));
      store<i64>(value, number);
      value += 8;
    }
    for (let plan = TEXTS; plan < texts; plan += 4) {
      const field = load<u32>(plan);
      problem |= <u64>(endOf(ends, field) - beginOf(ends, field) - 1 >= 4096);
    }
    let action: u32 = 2;
    let status: u32 = 0;
    let direction: u32 = 0;
    if (actionField >= 0) action = actionOf(text, beginOf(ends, actionField), endOf(ends, actionField));
    if (statusField >= 0) status = statusOf(text, beginOf(ends, statusField), endOf(ends, statusField));
    if (directionField >= 0) direction = directionOf(text, beginOf(ends, directionField), endOf(ends, directionField));
    problem |= <u64>((action | status | direction) === NO_WORD);
    if (foreignVersions !== 0) {
      const version = load<i64>(VALUES + versionValue);
      problem |= <u64>(version >= 0 && version < 64) & (foreignVersions >> <u64>(version & 63));
    }

    const sourceBegin = beginOf(ends, source);
    const sourceLength = endOf(ends, source) - sourceBegin;
    const destinationBegin = beginOf(ends, destination);
    const destinationLength = endOf(ends, destination) - destinationBegin;
    let sourceKey = keyOf(text, sourceBegin, sourceLength);
    let destinationKey = keyOf(text, destinationBegin, destinationLength);
    let isPlain =
      <u32>(max(sourceLength, destinationLength) <= 15) &
      <u32>!v128.any_true(v128.or(i8x16.eq(sourceKey, colon), i8x16.eq(destinationKey, colon)));
    if (packetSource >= 0) {
      const from = beginOf(ends, packetSource);
      const packet = keyOf(text, from, endOf(ends, packetSource) - from);
      isPlain &= <u32>!v128.any_true(v128.xor(packet, sourceKey));
    }
    if (packetDestination >= 0) {
      const from = beginOf(ends, packetDestination);
      const packet = keyOf(text, from, endOf(ends, packetDestination) - from);
      isPlain &= <u32>!v128.any_true(v128.xor(packet, destinationKey));
    }
    let traits = action | (status << STATUS_SHIFT) | (direction << DIRECTION_SHIFT);
    if (isPlain === 0 && problem === 0) {
      const sourceKind = readEndpoint(text, ends, source, packetSource, SOURCE_KEY);
      const destinationKind = readEndpoint(text, ends, destination, packetDestination, DESTINATION_KEY);
      if (sourceKind === NO_KEY || destinationKind === NO_KEY) problem = 1;
      sourceKey = v128.load(SOURCE_KEY);
      destinationKey = v128.load(DESTINATION_KEY);
      traits |=
        (sourceKind & FORWARDED) | ((sourceKind & 1) << KINDS_SHIFT) | ((destinationKind & 1) << (KINDS_SHIFT + 1));
    }
    const start = load<i64>(VALUES + startValue);
    const end = load<i64>(VALUES + endValue);
    if (problem !== 0 || (start & end) < 0) {
      leave(line, length);
    } else {
      v128.store(record, sourceKey, SOURCE);
      v128.store(record, destinationKey, DESTINATION);
      store<i64>(record, bytesValue < 0 ? NOT_AVAILABLE : load<i64>(VALUES + bytesValue), BYTES);
      store<i64>(record, start, START);
      store<i64>(record, end, END);
      store<u32>(record, traits, TRAITS);
      store<u32>(record, line, LINE);
      store<u32>(record, length, LENGTH);
      store<u32>(record, hashOf(sourceKey, destinationKey, traits >> KINDS_SHIFT), HASH);
      record += RECORD;
    }
    ends = last + 4;
    // The end of the last field may be at a carriage return.
    line = lineFeed + 1;
    store<u32>(last, lineFeed);
  }
  return <u32>(record - RECORDS) / RECORD;
}
