import { SCRATCH } from './layout';

// Numbers of ASCII digits, eight at once: the first digit is in the lowest byte of a 64-bit word.

/** The digits of a number that is written. */
const DIGITS: usize = SCRATCH + 0x300;

/** Marks the bytes that are not digits. @param digits the bytes minus the ASCII zeros */
function otherThanDigits(digits: u64): u64 {
  return ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
}

/** Returns the number of eight digits. @param digits the bytes minus the ASCII zeros; leading zeros are the lowest */
function numberOf(digits: u64): u64 {
  // Pairs of digits, then pairs of pairs, then all.
  const pairs = digits * 10 + (digits >> 8);
  const low = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const high = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (low + high) >> 32;
}

/** Returns the digits of the last `length` bytes of eight, with zeros before them. @param length from 1 to 8 */
function lastDigits(end: usize, length: u32): u64 {
  const shift = 64 - ((<u64>length) << 3);
  return ((load<u64>(end - 8) ^ 0x3030303030303030) >> shift) << shift;
}

/** Returns the number that ends before `end`. @param length from 1 to 16; the bytes must be digits */
export function numberAt(end: usize, length: u32): u64 {
  if (length <= 8) return numberOf(lastDigits(end, length));
  return numberOf(lastDigits(end, 8)) + 100000000 * numberOf(lastDigits(end - 8, length - 8));
}

/** Returns 0 if the bytes before `end` are a number of 1 to 16 digits without a leading zero; else not 0. */
export function numberProblem(end: usize, length: u32): u64 {
  if (length - 1 < 8) {
    const digits = (load<u64>(end - 8) ^ 0x3030303030303030) >> (64 - ((<u64>length) << 3));
    return otherThanDigits(digits) | <u64>(<u32>((digits & 0xff) === 0) & <u32>(length > 1));
  }
  if (length - 9 >= 8) return 1;
  const first = (load<u64>(end - 16) ^ 0x3030303030303030) >> (64 - ((<u64>(length - 8)) << 3));
  const last = load<u64>(end - 8) ^ 0x3030303030303030;
  return otherThanDigits(last) | otherThanDigits(first) | <u64>((first & 0xff) === 0);
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
