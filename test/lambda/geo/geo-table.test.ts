import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GeoContent, geoTableBytes, type NetworkRange } from '../../../cli/geo/geo-table-bytes.ts';
import { type GeoTable, isPublicAddress } from '../../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../../lambda/geo/read-geo-table.ts';
import { fullSize, generateGeoContent } from '../../../tools/bench/geo-content.ts';
import { emptyContent, ipv4, ipv6, rangeOf, rangesBetween } from './source-ranges.ts';

const tableOf = (content: Partial<GeoContent>) => readGeoTable(geoTableBytes({ ...emptyContent, ...content }));

/** Everything, also what is not public: the table must leave it out. */
const everything = tableOf({
  networks: {
    ipv4: [{ first: 0n, last: 2n ** 32n - 1n, country: 'DE', asn: 64_496 }],
    ipv6: [{ first: 0n, last: 2n ** 128n - 1n, country: 'FR', asn: 64_497 }],
  },
  operatorNames: new Map([[64_496, 'Ünïted Networks']]),
});

function expectedOf(range: NetworkRange | undefined) {
  const { country, asn } = range ?? {};
  if (country === undefined && asn === undefined) return undefined;
  return { ...(country !== undefined && { country }), ...(asn !== undefined && { asn }) };
}

describe('lookup', () => {
  it.each([
    [32, 0xc000_0200n, ipv4],
    [128, 0x2001_0db8n << 96n, ipv6],
  ] as const)('finds what a scan of all ranges finds when addresses have %i bits', (bits, base, textOf) => {
    const isWide = bits === 128;
    const step = fc.tuple(fc.bigInt({ min: 0n, max: 4n }), fc.constantFrom(0n, 1n, 2n, 2n ** 63n, 2n ** 64n - 1n));
    const value = isWide ? step.map(([upper, lower]) => base + (upper << 64n) + lower) : fc.bigInt(base, base + 255n);
    fc.assert(
      fc.property(rangesBetween(value), fc.array(value), (ranges, others) => {
        const table = tableOf({ networks: isWide ? { ipv4: [], ipv6: ranges } : { ipv4: ranges, ipv6: [] } });
        const near = ranges.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        for (const one of [...near, ...others])
          expect(table.lookup(textOf(one))).toEqual(expectedOf(rangeOf(ranges, one)));
      }),
      { numRuns: 500 },
    );
  });

  it('finds an IPv4-mapped address as its IPv4 address', () => {
    expect(everything.lookup('::ffff:192.0.2.1')).toEqual(everything.lookup('192.0.2.1'));
    expect(everything.lookup('::ffff:c000:201')).toMatchObject({ country: 'DE', asName: 'Ünïted Networks' });
    expect(everything.lookup('2001:db8::1')).toEqual({ country: 'FR', asn: 64_497 });
  });

  it.each([
    '10.0.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '::ffff:10.0.0.1',
  ])('finds nothing when the address is not public: %s', (address) => {
    expect(everything.lookup(address)).toBeUndefined();
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['', 'host', '192.0.2', '192.0.2.256', '192.0.2.1/32', ' 192.0.2.1', '2001:db8::1%eth0', '2001:db8'])(
    'finds nothing when the text is not an address: %j',
    (text) => {
      expect(everything.lookup(text)).toBeUndefined();
    },
  );

  it('finds the AWS Region and service beside the country, and without one', () => {
    const table = tableOf({
      networks: { ipv4: [{ first: 0xc000_0200n, last: 0xc000_020fn, country: 'US', asn: undefined }], ipv6: [] },
      aws: {
        ipv4: [{ first: 0xc000_0208n, last: 0xc000_021fn, region: 'eu-central-1', service: 'S3' }],
        ipv6: [],
      },
    });
    const aws = { awsRegion: 'eu-central-1', awsService: 'S3' };
    expect(['192.0.2.7', '192.0.2.8', '192.0.2.16', '192.0.2.32'].map((one) => table.lookup(one))).toEqual([
      { country: 'US' },
      { country: 'US', ...aws },
      aws,
      undefined,
    ]);
  });
});

describe('a table of full size', () => {
  let content: GeoContent;
  let bytes: Uint8Array;
  let table: GeoTable;
  beforeAll(() => {
    content = generateGeoContent(fullSize);
    bytes = geoTableBytes(content);
    table = readGeoTable(bytes);
  });

  it('finds every range at its first and at its last address', () => {
    const { networks, operatorNames } = content;
    const wrong: string[] = [];
    for (const [ranges, textOf] of [[networks.ipv4, ipv4] as const, [networks.ipv6, ipv6] as const]) {
      for (const range of ranges) {
        for (const value of [range.first, range.last]) {
          const found = table.lookup(textOf(value));
          const isRight =
            found?.country === range.country &&
            found?.asn === range.asn &&
            found?.asName === operatorNames.get(range.asn!);
          if (!isRight) wrong.push(textOf(value));
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(table.counts).toMatchObject({ ipv4Ranges: 400_000, ipv6Ranges: 200_000 });
  });

  it('finds nothing in the gaps', () => {
    const gaps = content.networks.ipv4.flatMap(({ last }, index, all) => {
      const next = all[index + 1];
      return next && next.first > last + 1n ? [last + 1n, next.first - 1n] : [];
    });
    expect(gaps.length).toBeGreaterThan(100_000);
    expect(gaps.filter((value) => table.lookup(ipv4(value)))).toEqual([]);
  });

  it('takes less than 16 MB, which the table shares with the bytes that it is read from', () => {
    expect(bytes.length).toBeLessThan(16e6);
    const before = process.memoryUsage().arrayBuffers;
    const again = readGeoTable(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
    expect(again.counts).toEqual(table.counts);
  });

  it('keeps no names in memory when they are left out', () => {
    const before = process.memoryUsage().arrayBuffers;
    const withoutNames = readGeoTable(bytes, { names: false });
    const copied = process.memoryUsage().arrayBuffers - before;
    expect(withoutNames.counts).toEqual(table.counts);
    expect(copied).toBeLessThan(bytes.length - 2.5e6);
  });
});
