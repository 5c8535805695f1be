import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName, plainAddress } from '../../../cli/dns/dns-query.ts';

describe('cleanName', () => {
  it.each([
    ['Update.Example.COM.', 'update.example.com'],
    ['_sip._tcp.example.com', '_sip._tcp.example.com'],
    ['xn--bcher-kva.example.', 'xn--bcher-kva.example'],
    ['\\052.example.com.', '\\052.example.com'],
    ['.', ''],
    ['a, b; <c>\n.example', 'a??b???c??.example'],
    ['\u202emoc.example', '?moc.example'],
  ])('makes %j printable', (text, name) => {
    expect(cleanName(text)).toBe(name);
  });

  it('keeps the end of a name that is too long, where the owner of the domain is', () => {
    const name = cleanName(`${'x'.repeat(300)}.owner.example.`);
    expect(name).toHaveLength(253);
    expect(name).toMatch(/^\.\.\.x+\.owner\.example$/);
  });

  it('returns printable ASCII of bounded length for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        expect(cleanName(text)).toMatch(/^[!-~]{0,253}$/);
      }),
    );
  });
});

describe('plainAddress', () => {
  it('writes a mapped address as IPv4, and refuses a text that is not an address', () => {
    expect(['::ffff:198.51.100.9', '2001:DB8::0:9', '198.51.100.9', 'edge.example.net.', ''].map(plainAddress)).toEqual(
      ['198.51.100.9', '2001:db8::9', '198.51.100.9', undefined, undefined],
    );
  });
});
