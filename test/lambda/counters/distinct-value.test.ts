import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedHash, storedValue } from '../../../lambda/counters/distinct-value.ts';

const hashOf = (value: string) => createHash('sha256').update(value).digest('hex');

describe('storedValue', () => {
  it.each([
    ['is short', 'vpc-1'],
    ['has 100 bytes of one byte each', 'x'.repeat(100)],
    ['has 99 bytes of three bytes each', '€'.repeat(33)],
  ])('stores the value itself when it %s', (_, value) => {
    expect(storedValue(value)).toBe(value);
    expect(storedHash(storedValue(value))).toBeUndefined();
  });

  it.each([
    ['has 101 bytes', 'x'.repeat(101)],
    ['has 102 bytes in 34 characters', '€'.repeat(34)],
    ['is short and looks like a hash', 'sha256:1'],
  ])('stores a hash when the value %s', (_, value) => {
    expect(storedValue(value)).toBe(`sha256:${hashOf(value)}`);
    expect(storedHash(storedValue(value))).toBe(hashOf(value));
  });

  it('stores different texts of at most 100 bytes for different values', () => {
    const values = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 150 }),
      fc.string({ maxLength: 60 }).map((text) => `sha256:${text}`),
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(storedValue(a) === storedValue(b)).toBe(a === b);
        expect(Buffer.byteLength(storedValue(a))).toBeLessThanOrEqual(100);
      }),
    );
  });
});
