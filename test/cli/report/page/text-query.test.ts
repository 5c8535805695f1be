import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { textQuery } from '../../../../cli/report/page/text-query.ts';
import { canonicalAddress } from '../../../../lambda/networks/ip-address.ts';

const finds = (text: string, ...addresses: string[]) => textQuery(text).matches(addresses, addresses.join(' '));

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => canonicalAddress(text)!);

describe('textQuery', () => {
  it('finds exactly an address when the text is an address', () => {
    expect(finds('10.0.0.1', '10.0.0.1')).toBe(true);
    expect(finds('10.0.0.1', '10.0.0.12', '110.0.0.1')).toBe(false);
    expect(finds(' 2001:DB8::0:1 ', '2001:db8::1')).toBe(true);
    expect(finds('2001:db8::1', '2001:db8::11')).toBe(false);
  });

  it('finds the addresses of a network, of the same version of IP', () => {
    expect(finds('10.0.0.0/8', '192.0.2.1', '10.9.9.9')).toBe(true);
    expect(finds('10.0.1.0/24', '10.0.2.1', '10.0.10.1')).toBe(false);
    expect(finds('2001:db8::/32', '2001:db8:ffff::1')).toBe(true);
    expect(finds('2001:db8::/32', '2001:db9::1')).toBe(false);
    expect(finds('::/0', '10.0.0.1')).toBe(false);
  });

  it('finds the addresses of a network for any network and address', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, fc.nat(128), fc.boolean(), (base, other, bits, isNear) => {
        const kind = ipaddr.parse(base).kind();
        const length = Math.min(bits, kind === 'ipv4' ? 32 : 128);
        const address = isNear ? base : other;
        const isSame = ipaddr.parse(address).kind() === kind;
        const expected = isSame && ipaddr.parse(address).match(ipaddr.parse(base), length);
        expect(finds(`${base}/${length}`, address)).toBe(expected);
      }),
    );
  });

  it.each(['10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '2001:db8::/129'])('reads %s as plain text', (text) => {
    expect(textQuery(text).kind).toBe('text');
  });

  it('finds any part of a text, in upper or lower case, when the text is not an address', () => {
    expect(textQuery('Port SCAN').matches([], 'HIGH: port scan of one host')).toBe(true);
    expect(finds('10.0.0.', '10.0.0.12')).toBe(true);
    expect(textQuery('  ').matches([], '')).toBe(true);
  });
});
