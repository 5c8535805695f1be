import { describe, expect, it } from 'vitest';
import { canonicalValue, expectedForm, maxOf } from '../../../lambda/flow-log/field-value.ts';

describe('canonicalValue', () => {
  it.each([
    ['int32', '2147483647', '2147483648'],
    ['int64', '9223372036854775807', '9223372036854775808'],
    ['port', '65535', '65536'],
    ['protocol', '255', '256'],
    ['seconds', '9999999999999', '10000000000000'],
  ] as const)('accepts whole numbers of the kind %s up to %s', (kind, largest, next) => {
    expect(canonicalValue(largest, kind)).toBe(largest);
    expect(canonicalValue(next, kind)).toBeUndefined();
    expect(canonicalValue('0', kind)).toBe('0');
    for (const text of ['', '-', '01', '-1', '1.5', '1e3', ' 1', '99999999999999999999']) {
      expect(canonicalValue(text, kind)).toBeUndefined();
    }
    expect(expectedForm(kind)).toBe(`a whole number from 0 to ${largest}`);
    expect(maxOf[kind]).toBe(Number(largest));
  });

  it('accepts text of up to 4,096 characters', () => {
    const longest = 'x'.repeat(4096);
    expect(canonicalValue(longest, 'string')).toBe(longest);
    expect(canonicalValue(`${longest}x`, 'string')).toBeUndefined();
    expect(expectedForm('string')).toBe('text of at most 4096 characters');
  });

  it('returns the canonical spelling of an address', () => {
    expect(canonicalValue('2001:DB8:0::1', 'address')).toBe('2001:db8::1');
    expect(canonicalValue('10.0.0.256', 'address')).toBeUndefined();
    expect(expectedForm('address')).toBe('an IPv4 or IPv6 address');
  });

  it('accepts the listed values only', () => {
    const kind = ['ACCEPT', 'REJECT'];
    expect(canonicalValue('REJECT', kind)).toBe('REJECT');
    expect(canonicalValue('reject', kind)).toBeUndefined();
    expect(expectedForm(kind)).toBe('ACCEPT or REJECT');
  });
});
