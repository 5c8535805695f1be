import { describe, expect, it } from 'vitest';
import { readIp2Asn } from '../../../cli/geo/read-ip2asn.ts';

const line = (...columns: (string | number)[]) => columns.join('\t');
const good = line('192.0.2.0', '192.0.2.255', 64_496, 'DE', 'MADE-UP Example');
const read = (...lines: string[]) => readIp2Asn(lines.join('\n'), 'a.tsv');

describe('readIp2Asn', () => {
  it('reads ranges of both kinds, also when lines end with CR LF, and names operators once', () => {
    const { networks, operatorNames, leftOut } = read(
      `${good}\r`,
      line('198.51.100.0', '198.51.100.255', 64_496, 'None', 'OTHER'),
      '',
      line('2001:db8::', '2001:db8::ff', 65_551, 'FR', ''),
    );
    expect(networks).toEqual({
      ipv4: [
        { first: 0xc000_0200n, last: 0xc000_02ffn, country: 'DE', asn: 64_496 },
        { first: 0xc633_6400n, last: 0xc633_64ffn, country: undefined, asn: 64_496 },
      ],
      ipv6: [{ first: 0x2001_0db8n << 96n, last: (0x2001_0db8n << 96n) + 255n, country: 'FR', asn: 65_551 }],
    });
    expect([...operatorNames]).toEqual([[64_496, 'MADE-UP Example']]);
    expect(leftOut).toEqual([]);
  });

  it('leaves out a range without country and operator as a gap, but checks its order', () => {
    const gap = line('192.0.2.128', '192.0.3.0', 0, 'None', 'Not routed');
    expect(read(gap)).toMatchObject({ networks: { ipv4: [] }, leftOut: [] });
    expect(() => read(good, gap)).toThrow('a.tsv:2: the range begins at 192.0.2.128, in the range of line 1');
  });

  it.each([
    ['192.0.2.0 192.0.2.255 64496 DE', 'the line has 1 columns, expected 5 separated by tabs'],
    [
      line('192.0.2', '192.0.2.9', 1, 'DE', ''),
      'the start of the range is invalid: got "192.0.2", expected an address',
    ],
    [line('192.0.2.0', 'x', 1, 'DE', ''), 'the end of the range is invalid: got "x", expected an address'],
    [
      line('192.0.2.9', '192.0.2.0', 1, 'DE', ''),
      'the end of the range is invalid: got "192.0.2.0", expected an address from 192.0.2.9 on',
    ],
    [line('192.0.2.0', '2001:db8::', 1, 'DE', ''), 'expected an address from 192.0.2.0 on'],
    [line('192.0.2.0', '192.0.2.1', 4_294_967_296, 'DE', ''), 'the AS number is invalid: got "4294967296"'],
    [line('192.0.2.0', '192.0.2.1', 'AS1', 'DE', ''), 'the AS number is invalid: got "AS1", expected 0 to 4294967295'],
    [line('192.0.2.0', '192.0.2.1', 1, 'de', ''), 'the country is invalid: got "de", expected two letters or None'],
  ])('leaves out the bad line %j and says where it is', (bad, problem) => {
    const { networks, leftOut } = read(bad, good);
    expect(networks.ipv4).toHaveLength(1);
    expect(leftOut).toEqual([{ where: 'a.tsv:1', problem: expect.stringContaining(problem) }]);
  });

  it('throws when ranges overlap or descend, and names both lines', () => {
    expect(() => read(good, line('192.0.2.255', '192.0.3.0', 1, 'DE', ''))).toThrow(
      'a.tsv:2: the range begins at 192.0.2.255, in the range of line 1, expected ranges without overlaps; download the file again',
    );
    const ipv6 = line('2001:db8:1::', '2001:db8:1::ff', 1, 'DE', '');
    expect(() => read(good, ipv6, '', line('2001:db8::', '2001:db8::1', 1, 'DE', ''))).toThrow(
      'a.tsv:4: the range begins at 2001:db8::, before the range of line 2, expected ascending ranges',
    );
  });
});
