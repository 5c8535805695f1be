import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  addressGroups,
  canonicalAddress,
  endOfIpv4,
  groupMask,
  isInAnyNetwork,
  isInNetwork,
  type Network,
  parseNetwork,
} from '../../../lambda/networks/ip-address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0008:0800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['2001:db8::', '2001:db8::'],
  ])('writes the address %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    '-',
    '10.0.0',
    '10.0.0.256',
    '01.2.3.4',
    '10.0.0.1/8',
    '0x7f.0.0.1',
    '1::2::3',
    'fe80::1%eth0',
    '1:2',
    'host',
    '0x7f.1',
    '2130706433',
    '010.0.0.1',
  ])('returns undefined for %j, which is not an address', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });

  it('accepts the same IPv4 addresses as Node.js', () => {
    const number = fc.oneof(
      fc.nat(300).map(String),
      fc.constantFrom('', '0', '00', '01', '255', '256', 'a', '-1', ' 1'),
    );
    const almost = fc.array(number, { minLength: 3, maxLength: 5 }).map((numbers) => numbers.join('.'));
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV4(), fc.string()), (text) => {
        expect(addressGroups(text)?.length === 2).toBe(isIPv4(text));
        if (!isIPv4(text)) return;
        const [a, b, c, d] = text.split('.').map(Number);
        expect(addressGroups(text)).toEqual([a! * 256 + b!, c! * 256 + d!]);
        expect(canonicalAddress(text)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes every spelling of an IPv6 address as URL does', () => {
    const manyZeros = fc.array(fc.constantFrom('0', '0', '1', 'ab'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV6(),
          manyZeros.map((groups) => groups.join(':')),
        ),
        (text) => {
          const canonical = canonicalAddress(text)!;
          expect(canonicalAddress(canonical)).toBe(canonical);
          expect(canonicalAddress(canonical.toUpperCase())).toBe(canonical);
          expect(`[${canonical}]`).toBe(new URL(`http://[${text}]/`).hostname);
        },
      ),
    );
  });
});

describe('endOfIpv4', () => {
  const endIn = (text: string, begin = 0) => endOfIpv4(Buffer.from(`${text} `), begin);

  it.each([
    ['10.0.0.1', 8],
    ['0.0.0.0', 7],
    ['255.249.200.199', 15],
    ['9.99.9.9:22', 8],
    ['1.2.3.4.5', 7],
    ['1.2.3.', 0],
    ['1.2.3', 0],
    ['.1.2.3', 0],
    ['1..2.3', 0],
    ['1.2.3.256', 0],
    ['1.2.3.04', 0],
    ['00.1.2.3', 0],
    ['', 0],
  ])('returns the end of the address at the start of %j: %i', (text, end) => {
    expect(endIn(text)).toBe(end);
  });

  it('accepts the same addresses as Node.js, anywhere in a text', () => {
    const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '0', '00', '01', '9', '255', '256', '/', ':'));
    const almost = fc.array(part, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(almost, fc.ipV4()), fc.stringMatching(/^[ a-z-]{0,4}$/), (text, before) => {
        // The address ends before the first byte that cannot be part of it, such as a fourth dot.
        const [address] = /^\d*\.?\d*\.?\d*\.?\d*/.exec(text)!;
        const end = before.length + (isIPv4(address) ? address.length : 0);
        expect(endIn(before + text, before.length)).toBe(end);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('groupMask', () => {
  it('has a one for each bit of the prefix in the group', () => {
    for (let length = 0; length <= 128; length += 1) {
      const bits = '1'.repeat(length).padEnd(128, '0');
      const groups = Array.from({ length: 8 }, (_, index) => bits.slice(index * 16, index * 16 + 16));
      const masks = groups.map((_, index) => groupMask(length, index).toString(2).padStart(16, '0'));
      expect(masks).toEqual(groups);
    }
  });
});

describe('parseNetwork', () => {
  it.each([
    ['10.0.0.1/8', 'expected 10.0.0.0/8'],
    ['172.17.33.9/24', 'expected 172.17.33.0/24'],
    ['fc00::1/7', 'expected fc00::/7'],
    ['10.0.0.0/33', 'expected 0 to 32'],
    ['10.0.0.0/', 'expected 0 to 32'],
    ['internal', 'is not a network'],
  ])('returns the problem and the expected form for %s', (text, part) => {
    expect(parseNetwork(text)).toEqual({ problem: expect.stringContaining(part) });
  });

  it('reads an address without a prefix length as a network of one address', () => {
    expect(parseNetwork('192.0.2.1')).toEqual(parseNetwork('192.0.2.1/32'));
  });

  it('contains the same addresses as in ipaddr.js', () => {
    // ipaddr.js reads ::1.2.3.4 as ::ffff:1.2.3.4, two different addresses in RFC 4291 section 2.5.5.
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((text) => !text.includes('.')),
    );
    fc.assert(
      fc.property(address, address, fc.nat(128), (inside, other, bits) => {
        const parsed = ipaddr.parse(inside);
        const length = Math.min(bits, parsed.kind() === 'ipv4' ? 32 : 128);
        const base = (parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(
          `${inside}/${length}`,
        );
        const network = parseNetwork(`${base}/${length}`);
        if ('problem' in network) throw new Error(network.problem);
        expect(isInNetwork(addressGroups(inside)!, network)).toBe(true);
        const sameKind = ipaddr.parse(other).kind() === parsed.kind();
        const expected = sameKind && (ipaddr.parse(other) as ipaddr.IPv6).match(base as ipaddr.IPv6, length);
        expect(isInNetwork(addressGroups(other)!, network)).toBe(expected);
      }),
    );
  });
});

describe('isInAnyNetwork', () => {
  const networks = ['10.0.0.0/8', 'fc00::/7'].map((text) => parseNetwork(text) as Network);

  it.each([
    ['10.255.0.1', true],
    ['fd00::1', true],
    ['11.0.0.1', false],
    ['2001:db8::1', false],
    ['host', false],
  ])('returns for %s: %s', (address, expected) => {
    expect(isInAnyNetwork(address, networks)).toBe(expected);
  });
});
