import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestName, didYouMean } from '../../../lib/settings/closest-name.ts';

const names = ['stage', 'vpcIds', 'vpcTags', 'protect', 'provisionedWrites'];

describe('closestName', () => {
  it.each([
    ['vpcId', 'vpcIds'],
    ['vpc-ids', 'vpcIds'],
    ['vpctag', 'vpcTags'],
    ['PROTECTED', 'protect'],
    ['provisionedWrite', 'provisionedWrites'],
    ['environment', undefined],
    ['', undefined],
  ])('returns for %s the name %s', (text, closest) => {
    expect(closestName(text, names)).toBe(closest);
  });

  it('returns a name when one letter of it is missing', () => {
    const oneMissing = fc
      .constantFrom(...names)
      .chain((name) => fc.nat(name.length - 1).map((at) => ({ name, text: name.slice(0, at) + name.slice(at + 1) })));
    fc.assert(fc.property(oneMissing, ({ name, text }) => closestName(text, names) === name));
  });
});

const known = ['repeated_rejects', 'beaconing', 'lateral_movement'];

describe('didYouMean', () => {
  it.each([
    ['repeated_reject', '; did you mean repeated_rejects?'],
    ['repeeted-rejects', '; did you mean repeated_rejects?'],
    ['baeconing', '; did you mean beaconing?'],
    ['dns', ''],
    ['', ''],
  ])('names the closest name of %s, if one is close', (given, hint) => {
    expect(didYouMean(given, known)).toBe(hint);
    expect(didYouMean(given, [])).toBe('');
  });
});
