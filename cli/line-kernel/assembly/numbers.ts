import { SCRATCH } from './layout';

// Numbers of ASCII digits, eight at once: the first digit is in the lowest byte of a 64-bit word.

/** The digits of a number that is written. */
const DIGITS: usize = SCRATCH + 0x300;

/** Marks the bytes that are not digits. @param digits the bytes minus the ASCII zeros */
function otherThanDigits(digits: u64): u64 {
  return ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
}

/** Returns the number of eight digits. @param digits the bytes minus the ASCII zeros; leading zeros are the lowest */
function numberOf(digits: u64): i64 {
  // Pairs of digits, then pairs of pairs, then all.
  const pairs = digits * 10 + (digits >> 8);
  const low = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const high = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return <i64>((low + high) >> 32);
}

/** The value of `-`, and that of a text that is no valid number. */
export const NOT_AVAILABLE: i64 = -1;
export const NO_NUMBER: i64 = -2;

/**
 * Reads a number that ends before `end`.
 *
 * @returns NO_NUMBER unless the text has 1 to 16 digits, the first of which is not 0 but in `0` itself
 */
export function readNumber(end: usize, length: u32): i64 {
  if (length - 1 < 8) {
    const shift = 64 - ((<u64>length) << 3);
    const digits = (load<u64>(end - 8) ^ 0x3030303030303030) >> shift;
    const isWrong = otherThanDigits(digits) | <u64>(<u32>((digits & 0xff) === 0) & <u32>(length > 1));
    if (isWrong === 0) return numberOf(digits << shift);
    return length === 1 && digits === 0x1d ? NOT_AVAILABLE : NO_NUMBER;
  }
  if (length - 9 >= 8) return NO_NUMBER;
  const shift = 64 - ((<u64>(length - 8)) << 3);
  const first = (load<u64>(end - 16) ^ 0x3030303030303030) >> shift;
  const last = load<u64>(end - 8) ^ 0x3030303030303030;
  if ((otherThanDigits(last) | otherThanDigits(first) | <u64>((first & 0xff) === 0)) !== 0) return NO_NUMBER;
  return numberOf(first << shift) * 100000000 + numberOf(last);
}

/** Writes a number. Up to 32 bytes from `at` on are overwritten. @returns the address behind it */
export function writeNumber(at: usize, value: u64): usize {
  // From the last digit to the first; 64-bit divisions only while the number needs them.
  let first = DIGITS + 32;
  while (value > 0xffffffff) {
    first -= 1;
    store<u8>(first, <u8>(0x30 + (value % 10)));
    value /= 10;
  }
  let low = <u32>value;
  do {
    first -= 1;
    store<u8>(first, <u8>(0x30 + (low % 10)));
    low /= 10;
  } while (low !== 0);
  v128.store(at, v128.load(first));
  v128.store(at, v128.load(first, 16), 16);
  return at + (DIGITS + 32 - first);
}
