import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterKey,
  endpointsOfKey,
  groupsBy,
  isAnyAddress,
  isPair,
  namedKey,
  pairKey,
  portOfAny,
  scopeOfKey,
} from '../../../lambda/counters/counter-key.ts';

describe('counterKey', () => {
  it('returns a readable key for a pair, a source and a group', () => {
    expect(pairKey('10.0.0.1', 'fc00::1').pk).toBe('pair#10.0.0.1#fc00::1');
    expect(counterKey(['srcaddr'], ['10.0.0.1']).pk).toBe('src#10.0.0.1');
    expect(counterKey(['dstaddr', 'dstport'], ['10.0.0.1', '22']).pk).toBe('group#dstaddr,dstport#10.0.0.1#22');
  });

  it('returns different keys for different groups, whatever the values contain', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('#', '%', '%23', 'a#b', 'x'.repeat(600)));
    const pair = fc.tuple(text, text);
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const same = counterKey(['instance-id', 'vpc-id'], a).pk === counterKey(['instance-id', 'vpc-id'], b).pk;
        expect(same).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
    );
  });

  it.each([
    [
      ['#', 'x'],
      ['%23', 'x'],
    ],
    [
      ['%', 'x'],
      ['%25', 'x'],
    ],
    [
      ['a#b', 'c'],
      ['a', 'b#c'],
    ],
  ])('returns different keys for %j and %j', (a, b) => {
    const names = ['instance-id', 'vpc-id'];
    expect(counterKey(names, a).pk).not.toBe(counterKey(names, b).pk);
  });

  it('hashes values of more than 512 characters, with the escapes', () => {
    expect(counterKey(['vpc-id'], ['x'.repeat(512)]).pk).toBe(`group#vpc-id#${'x'.repeat(512)}`);
    expect(counterKey(['vpc-id'], ['x'.repeat(513)]).pk).toMatch(/^group#vpc-id#%h[0-9a-f]{64}$/);
    expect(counterKey(['vpc-id'], [`${'x'.repeat(509)}#`]).pk).toBe(`group#vpc-id#${'x'.repeat(509)}%23`);
    expect(counterKey(['vpc-id'], [`${'x'.repeat(510)}#`]).pk).toMatch(/^group#vpc-id#%h[0-9a-f]{64}$/);
  });

  it('returns no key of a long value for a short one', () => {
    const [, hashed] = counterKey(['vpc-id'], ['x'.repeat(600)]).pk.split('#vpc-id#');
    expect(hashed).toMatch(/^%h[0-9a-f]{64}$/);
    expect(counterKey(['vpc-id'], [hashed!]).pk).toBe(`group#vpc-id#%25${hashed!.slice(1)}`);
  });

  it('returns a key within DynamoDB’s limit when a value is long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 4096 }), (value) => {
        expect(Buffer.byteLength(counterKey(['vpc-id'], [value]).pk)).toBeLessThan(2048);
      }),
    );
  });
});

describe('the key of a scope', () => {
  it('is the key without a scope, and the account and the VPC', () => {
    const inVpc = { 'account-id': '123456789012', 'vpc-id': 'vpc-0a' };
    expect(pairKey('10.0.0.1', '10.0.0.2', { 'account-id': '123456789012' }).pk).toBe(
      'pair#10.0.0.1#10.0.0.2#123456789012',
    );
    expect(pairKey('10.0.0.1', '10.0.0.2', inVpc)).toEqual({
      ...pairKey('10.0.0.1', '10.0.0.2'),
      pk: 'pair#10.0.0.1#10.0.0.2#123456789012/vpc-0a',
      scope: inVpc,
    });
    expect(counterKey(['srcaddr'], ['10.0.0.1'], inVpc).pk).toBe('src#10.0.0.1#123456789012/vpc-0a');
    expect(counterKey(['dstport'], ['22'], { 'account-id': '-' }).pk).toBe('group#dstport#22#-');
  });

  it('differs from that of any other scope, and from none', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '#', '%', '2', '3'), minLength: 1, maxLength: 5 });
    const id = fc.string({ unit: fc.constantFrom('a', '-', '?'), minLength: 1, maxLength: 3 });
    const scope = fc.option(fc.record({ 'account-id': id, 'vpc-id': id }, { requiredKeys: ['account-id'] }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(word, word, scope, scope, (a, b, one, other) => {
        const isSame = a === b && JSON.stringify(one) === JSON.stringify(other);
        expect(counterKey(['vpc-id'], [a], one).pk === counterKey(['vpc-id'], [b], other).pk).toBe(isSame);
        const { pk } = pairKey('10.0.0.1', 'fc00::7', one);
        expect(endpointsOfKey(pk)).toEqual({ src: '10.0.0.1', dst: 'fc00::7' });
        const long = ['x'.repeat(600), a];
        const keys = [
          counterKey(['srcaddr'], ['10.0.0.1'], one),
          counterKey(['vpc-id'], [a], one),
          counterKey(['instance-id', 'vpc-id'], [a, b], one),
          counterKey(['instance-id', 'vpc-id'], long, one),
        ];
        expect([pk, ...keys.map((key) => key.pk)].map(scopeOfKey)).toEqual(new Array(5).fill(one));
      }),
    );
  });
});

describe('isAnyAddress', () => {
  it('accepts a wildcard with or without a port, and no other value', () => {
    expect(['*', '*:0', '*:65535'].map(isAnyAddress)).toEqual([true, true, true]);
    expect(['', '*:', '*:x', '**', '10.0.0.1', '::'].map(isAnyAddress)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('portOfAny', () => {
  it('returns the port of a wildcard, and undefined for any other value', () => {
    expect(['*:0', '*:65535', '*', '*:', '*:x', 'x*:22', '*:22x', '*:123456', '10.0.0.1'].map(portOfAny)).toEqual([
      '0',
      '65535',
      ...new Array<undefined>(7),
    ]);
  });
});

describe('a counter key', () => {
  it('is that of a pair, of a source or of another group', () => {
    expect(isPair(pairKey('10.0.0.1', '10.0.0.2'))).toBe(true);
    expect(isPair(counterKey(['srcaddr'], ['10.0.0.1']))).toBe(false);
    expect(isPair(counterKey(['vpc-id'], ['pair#']))).toBe(false);
    expect(pairKey('10.0.0.1', '10.0.0.2').fields).toEqual(
      new Map([
        ['dstaddr', '10.0.0.2'],
        ['srcaddr', '10.0.0.1'],
      ]),
    );
  });

  it('names its fields without wildcards', () => {
    expect(namedKey({ srcaddr: '*:22', dstaddr: '10.0.0.2', 'vpc-id': '*' })).toEqual([['dstaddr', '10.0.0.2']]);
  });

  it('groups by the fields of a rule, and by no others', () => {
    const key = counterKey(['dstport', 'srcaddr'], ['22', '10.0.0.1']);
    expect(groupsBy({ groupBy: ['srcaddr', 'dstport'] }, key)).toBe(true);
    expect(groupsBy({ groupBy: ['srcaddr'] }, key)).toBe(false);
    expect(groupsBy({ groupBy: ['srcaddr', 'dstaddr'] }, key)).toBe(false);
    expect(groupsBy({ groupBy: ['srcaddr', 'dstport', 'dstaddr'] }, key)).toBe(false);
  });
});
