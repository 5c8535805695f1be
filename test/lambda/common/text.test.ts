import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteSize, duration, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { printable, subjectOf } from '../../../lambda/common/text.ts';

describe('text', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [4249, '4.25 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [150_000_000, '150 MB'],
    [2n ** 63n, '9.22 EB'],
  ])('writes %s bytes as %s', (bytes, text) => {
    expect(byteSize(bytes)).toBe(text);
  });

  it.each([
    [1, '1 s'],
    [90, '90 s'],
    [900, '15 min'],
    [3600, '1 h'],
    [5400, '90 min'],
    [172_800, '2 d'],
  ])('writes %i seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('writes times in UTC and large numbers with separators', () => {
    expect(utc(1_795_510_800)).toBe('2026-11-24 09:00:00');
    expect(formatInteger(1_234_567n)).toBe('1,234,567');
  });

  it('writes any number as Intl does when the locale is en-US', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt(), fc.double({ noNaN: true })), (value) => {
        fc.pre(!Object.is(value, -0));
        expect(formatInteger(value)).toBe(value.toLocaleString('en-US'));
      }),
    );
  });

  it('writes any time as Intl does when the locale is sv-SE', () => {
    const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (seconds) => {
        expect(utc(seconds)).toBe(format.format(seconds * 1000).replace(', ', ' '));
      }),
    );
  });

  it.each([
    ['Exfiltration', 'Exfiltration'],
    ['[HIGH] über\r\nBcc: all@example.com', 'HIGH] ?ber Bcc: all@example.com'],
    ['***', 'Alert'],
    ['', 'Alert'],
  ])('makes a valid SNS subject of %j', (text, subject) => {
    expect(subjectOf(text)).toBe(subject);
  });

  it('makes a valid SNS subject of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(subjectOf(text)).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,98}$/);
      }),
    );
  });

  it('replaces unprintable characters of a text', () => {
    expect(printable('a\u0000b\u202ec\n d')).toBe('a?b?c d');
  });
});
