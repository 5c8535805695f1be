import { createHash } from 'node:crypto';

const hashPrefix = 'sha256:';

/**
 * Returns the value to add to a set of distinct values. A value over 100 bytes is replaced by its hash, since a set's
 * values count towards the item's size; a value that looks like such a hash is replaced too.
 */
export function storedValue(value: string): string {
  // A UTF-16 code unit has at most three bytes in UTF-8.
  const isShort = value.length <= 33 || Buffer.byteLength(value) <= 100;
  if (isShort && !value.startsWith(hashPrefix)) return value;
  return `${hashPrefix}${createHash('sha256').update(value).digest('hex')}`;
}

/** Returns the SHA-256 hash, in hexadecimal digits, that is stored for a long value; undefined for any other value. */
export function storedHash(stored: string): string | undefined {
  return stored.startsWith(hashPrefix) ? stored.slice(hashPrefix.length) : undefined;
}
