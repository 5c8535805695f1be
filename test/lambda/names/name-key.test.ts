import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKeyText, readNameKey } from '../../../lambda/names/name-key.ts';
import { canonicalAddress } from '../../../lambda/networks/ip-address.ts';

const id = (prefix: string) =>
  fc.constantFrom(8, 17).chain((length) => {
    const digit = fc.constantFrom(...'0123456789abcdef');
    return fc.array(digit, { minLength: length, maxLength: length }).map((digits) => `${prefix}-${digits.join('')}`);
  });
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => canonicalAddress(text)!);
const key = fc.oneof(
  id('eni').map((text) => ({ interface: text })),
  fc.record({ address, place: fc.oneof(id('eni'), id('vpc')) }),
);

describe('the text of a key', () => {
  it('reads back to the same key, and has at most 80 characters', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(readNameKey(nameKeyText(one))).toEqual(one);
        expect(nameKeyText(one).length).toBeLessThanOrEqual(80);
      }),
    );
  });

  it.each([
    '',
    'interface#',
    'interface#i-0a1b2c3d',
    'interface#eni-0a1b2c3d#',
    'interface#eni-0a1b2c3d#10.0.1.5',
    'interface#eni-0a1b2c3d0',
    'address#vpc-0a1b2c3d',
    'address#vpc-0a1b2c3d#10.0.1.5#',
    'address#vpc-0a1b2c3d#010.0.1.5',
    'address#vpc-0a1b2c3d#FD00::5',
    'address#subnet-0a1b2c3d#10.0.1.5',
    'wanted#interface#eni-0a1b2c3d',
  ])('is undefined when it is %j', (text) => {
    expect(readNameKey(text)).toBeUndefined();
  });
});
