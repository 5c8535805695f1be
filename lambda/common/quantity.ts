/**
 * A whole number that is exact at any size: a number up to 2^53 - 1, a bigint beyond. Sums must not round: `bytes` of a
 * flow record is a 64-bit integer (VPC User Guide, "Flow log records"). A DynamoDB number holds 38 digits.
 */
export type Quantity = number | bigint;

/** Returns the exact sum. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toQuantity(BigInt(a) + BigInt(b));
}

/** Parses a string of decimal digits, without a sign. */
export function parseQuantity(digits: string): Quantity {
  if (digits.length >= 16) return toQuantity(BigInt(digits));
  let value = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(index) - zero;
    // Number() is slower than this loop, since it looks for signs, fractions and exponents.
    if (digit < 0 || digit > 9) return Number(digits);
    value = value * 10 + digit;
  }
  return value;
}

const zero = 0x30;

/** Replacer for `JSON.stringify` that writes a bigint as a JSON number with all its digits. */
export function writeQuantities(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value;
}

/** Reviver for `JSON.parse` that keeps all digits of a whole number; a fraction or an exponent stays a number. */
export function readQuantities(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(source ?? '')
    ? BigInt(source!)
    : value;
}

/** Converts a bigint to a quantity: to a number if that is exact. */
export function toQuantity(value: bigint): Quantity {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}
