/**
 * A whole number that is exact at any size: a number up to 2^53 - 1, a bigint beyond. A flow record's `bytes` is a
 * 64-bit integer (VPC User Guide, "Flow log records") and a DynamoDB number holds 38 digits, so sums must not round.
 */
export type Quantity = number | bigint;

/** The exact sum. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalized(BigInt(a) + BigInt(b));
}

/** The quantity that a string of decimal digits names. */
export function parseQuantity(digits: string): Quantity {
  if (digits.length >= 16) return normalized(BigInt(digits));
  let value = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(index) - zero;
    // Number is slower, since it looks for signs, fractions and exponents.
    if (digit < 0 || digit > 9) return Number(digits);
    value = value * 10 + digit;
  }
  return value;
}

const zero = 0x30;

/** For `JSON.stringify`: writes a bigint as a JSON number with all its digits. */
export function writeQuantities(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value;
}

/** For `JSON.parse`: reads a JSON number with all its digits; one with a fraction or an exponent stays a number. */
export function readQuantities(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(source ?? '')
    ? BigInt(source!)
    : value;
}

function normalized(value: bigint): Quantity {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}
