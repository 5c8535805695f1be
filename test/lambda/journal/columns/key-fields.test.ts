import { describe, expect, it } from 'vitest';
import { type CounterKey, counterKey, pairKey } from '../../../../lambda/counters/counter-key.ts';
import { ipv4PairOf, isNamed, keyOfText, readIpv4Pair } from '../../../../lambda/journal/columns/key-fields.ts';

const named: [string, CounterKey][] = [
  ['a pair', pairKey('10.0.1.5', 'fc00::7')],
  ['an overflow pair', pairKey('*:22', '10.0.1.5')],
  ['a source', counterKey(['srcaddr'], ['10.0.1.5'])],
  ['a group', counterKey(['interface-id'], ['eni-0a1b'])],
  ['a group of several fields', counterKey(['dstport', 'srcaddr'], ['22', '10.0.1.5'])],
  ['a pair of an account', pairKey('10.0.1.5', '10.0.2.7', { 'account-id': '123456789012' })],
  ['a source of a VPC', counterKey(['srcaddr'], ['10.0.1.5'], { 'account-id': '-', 'vpc-id': 'vpc-0a' })],
  ['a group of an account', counterKey(['dstport', 'srcaddr'], ['22', 'a#b'], { 'account-id': '123456789012' })],
  ['a group with escaped characters', counterKey(['instance-tag', 'region'], ['a#b%23', ''])],
];

const notNamed: [string, CounterKey][] = [
  ['its values are hashed', counterKey(['instance-tag'], ['a'.repeat(600)])],
  ['an address has the separator', pairKey('10.0.1.5#', '10.0.2.7')],
  [
    'its fields are in another order',
    {
      pk: 'pair#a#b',
      fields: new Map([
        ['srcaddr', 'a'],
        ['dstaddr', 'b'],
      ]),
    },
  ],
  [
    'its fields are exchanged',
    {
      pk: 'pair#a#b',
      fields: new Map([
        ['dstaddr', 'a'],
        ['srcaddr', 'b'],
      ]),
    },
  ],
  ['it has no fields', { pk: 'alert-state', fields: new Map() }],
];

describe('keyOfText', () => {
  it.each(named)('returns the key when the key is %s', (_, key) => {
    expect(keyOfText(key.pk)).toEqual(key);
    expect(isNamed(key)).toBe(true);
  });

  it.each(notNamed)('does not give the fields of a key when %s', (_, key) => {
    expect(isNamed(key)).toBe(false);
  });

  it.each(['group#instance-tag#%h0a1b', 'group#dstaddr,srcaddr#a#b', 'group#a#%', 'pair#a', 'src', '', 'group#a,b#1'])(
    'returns undefined for %j',
    (pk) => {
      expect(keyOfText(pk)).toBeUndefined();
    },
  );
});

describe('readIpv4Pair', () => {
  it('writes the bytes of both addresses when the key is a pair of IPv4 addresses', () => {
    const bytes = new Uint8Array(8);
    expect(readIpv4Pair('pair#10.0.1.255#0.20.3.100', bytes)).toBe(true);
    expect([...bytes]).toEqual([10, 0, 1, 255, 0, 20, 3, 100]);
    expect(ipv4PairOf(bytes)).toBe('pair#10.0.1.255#0.20.3.100');
  });

  it.each([
    'pair#10.0.1.5#10.0.2.7#',
    'pair#10.0.1.5#10.0.2.7#123456789012',
    'pair#10.0.1.05#10.0.2.7',
    'pair#10.0.1.256#10.0.2.7',
    'pair#10.0.1#10.0.2.7',
    'pair#10.0.1.5.6#10.0.2.7',
    'pair#10.0.1.5#',
    'pair#*#10.0.2.7',
    'src#10.0.1.5#10.0.2.7',
  ])('refuses %s', (pk) => {
    expect(readIpv4Pair(pk, new Uint8Array(8))).toBe(false);
  });
});
