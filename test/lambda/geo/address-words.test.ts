import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddressWords } from '../../../lambda/geo/address-words.ts';
import { addressGroups } from '../../../lambda/networks/ip-address.ts';

/** Returns the words of an address; undefined if the text is not an address. */
function addressWords(address: string): number[] | undefined {
  const words = new Uint32Array(4).fill(7);
  const count = parseAddressWords(address, words);
  return count === 0 ? undefined : [...words.subarray(0, count)];
}

/** Joins the groups of the general parser; the slow way. */
function wordsByGroups(text: string): number[] | undefined {
  const groups = addressGroups(text);
  if (!groups) return undefined;
  const hex = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
  const words = hex.match(/.{8}/g)!.map((word) => Number.parseInt(word, 16));
  return hex.startsWith('00000000000000000000ffff') ? [words[3]!] : words;
}

/** Texts that are addresses, and texts that nearly are. */
const pieces = fc.array(
  fc.constantFrom(':', '::', '.', '%', '0', '1', 'f', 'F', 'ffff', '2001', '0db8', '00000', '255', '256', 'g', ' '),
  { maxLength: 18 },
);
const text = fc.oneof(
  fc.ipV6(),
  fc.ipV4(),
  pieces.map((parts) => parts.join('')),
  fc.array(fc.constantFrom('', '0', '1', 'AB', 'ffff', '10.0.0.1'), { maxLength: 9 }).map((parts) => parts.join(':')),
);

describe('parseAddressWords', () => {
  it('returns the words that the general parser gives when the text is anything', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(addressWords(one)).toEqual(wordsByGroups(one));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['255.255.255.255', [0xffff_ffff]],
    ['::ffff:192.0.2.1', [0xc000_0201]],
    ['::FFFF:c000:201', [0xc000_0201]],
    ['::192.0.2.1', [0, 0, 0, 0xc000_0201]],
    ['2001:db8::1', [0x2001_0db8, 0, 0, 1]],
    ['2001:db8::', [0x2001_0db8, 0, 0, 0]],
    ['1:2:3:4:5:6:7::', [0x1_0002, 0x3_0004, 0x5_0006, 0x7_0000]],
    ['::', [0, 0, 0, 0]],
    [':::', undefined],
    ['1:2:3:4:5:6:7:8:', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['fe80::1%eth0', undefined],
    ['', undefined],
  ])('reads %j', (address, words) => {
    expect(addressWords(address)).toEqual(words);
  });
});
