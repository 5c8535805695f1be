import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geoTableBytes } from '../../../cli/geo/geo-table-bytes.ts';
import { readAwsRanges } from '../../../cli/geo/read-aws-ranges.ts';
import { readIp2Asn } from '../../../cli/geo/read-ip2asn.ts';
import { FlowError } from '../../../lambda/common/errors.ts';
import {
  checkedFrom,
  type GeoHeader,
  geoHeaderBytes,
  geoHeaderOf,
  geoSections,
  readGeoHeader,
} from '../../../lambda/geo/geo-layout.ts';
import type { GeoTable } from '../../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../../lambda/geo/read-geo-table.ts';

const sample = (name: string) => readFileSync(join(import.meta.dirname, '../../../events/regions', name), 'utf8');
const { networks, operatorNames } = readIp2Asn(sample('iptoasn/ip2asn.tsv'), 'ip2asn.tsv');
const bytes = geoTableBytes({
  dataTime: 1_795_910_400,
  sources: ['ip2asn.tsv', 'ip-ranges.json'],
  networks,
  operatorNames,
  aws: readAwsRanges(sample('aws/ip-ranges.json'), 'ip-ranges.json').ranges,
});
const header = readGeoHeader(bytes);
const sections = geoSections(header);
const addresses = ['192.0.2.1', '198.51.100.201', '203.0.113.70', '203.0.113.255', '2001:db8:1:1::ff', '2001:db8::'];

/** Returns the error of bytes that are not a table; fails for any other outcome. */
function errorOf(content: Uint8Array, options: { names?: boolean } = {}): string {
  try {
    readGeoTable(content, options);
  } catch (error) {
    if (error instanceof FlowError && error.code === 'GEO_TABLE_INVALID') return error.message;
    throw error;
  }
  throw new Error('the bytes were read');
}

/** Returns the bytes after a change, with the checksums that fit. */
function changed(change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  const { namesBegin } = geoSections(readGeoHeader(copy));
  const { version, ...rest } = readGeoHeader(copy);
  const names = { version, ...rest, namesChecksum: crc32(copy.subarray(namesBegin)) };
  copy.set(geoHeaderOf(names));
  copy.set(geoHeaderOf({ ...names, checksum: crc32(copy.subarray(checkedFrom, namesBegin)) }));
  return copy;
}

const withHeader = (fields: Partial<GeoHeader>) =>
  changed((copy) => copy.set(geoHeaderOf({ ...readGeoHeader(copy), ...fields })));
const withNumber = (offset: number, value: number) => changed((copy) => copy.writeUInt32LE(value, offset));

const lookupAll = (table: GeoTable) => [...addresses, '::', 'text'].map((address) => table.lookup(address));

describe('readGeoTable', () => {
  it('reads the table that was written, at any offset of a buffer', () => {
    const expected = lookupAll(readGeoTable(bytes));
    for (const offset of [0, 1, 2, 3, 4]) {
      const moved = Buffer.alloc(bytes.length + offset).subarray(offset);
      moved.set(bytes);
      expect(lookupAll(readGeoTable(moved))).toEqual(expected);
    }
    expect(readGeoTable(bytes)).toMatchObject({ dataTime: 1_795_910_400, sources: ['ip2asn.tsv', 'ip-ranges.json'] });
  });

  it('leaves out the names, of complete bytes and of bytes that end before them', () => {
    for (const content of [bytes, bytes.slice(0, sections.namesBegin)]) {
      const table = readGeoTable(content, { names: false });
      expect(table.lookup('192.0.2.1')).toEqual({ country: 'DE', asn: 64_496 });
    }
    expect(readGeoTable(bytes).lookup('192.0.2.1')).toMatchObject({ asName: expect.stringContaining('MADE-UP') });
  });

  it('reads a table without any range', () => {
    const none = { ipv4: [], ipv6: [] };
    const empty = geoTableBytes({ dataTime: 0, sources: [], networks: none, operatorNames: new Map(), aws: none });
    expect(readGeoTable(empty).counts).toEqual({
      countries: 0,
      operators: 0,
      ipv4Ranges: 0,
      ipv6Ranges: 0,
      awsRanges: 0,
    });
    expect(lookupAll(readGeoTable(empty)).every((entry) => entry === undefined)).toBe(true);
  });

  it('rejects the bytes when they end at any place', () => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(errorOf(bytes.subarray(0, length))).toMatch(length === 0 ? /is empty/ : /it is truncated: got \d+ bytes/);
    for (let length = 0; length < sections.namesBegin; length += 1)
      expect(errorOf(bytes.subarray(0, length), { names: false })).toContain('build it again');
  });

  it('rejects the bytes when any bit differs', () => {
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      expect(errorOf(copy)).toContain('npx flow-sentinel geo build');
    }
  });

  it('returns a table or an error when bytes differ and the checksums fit', () => {
    let read = 0;
    const flips = fc.array(fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(flips, (all) => {
        const content = changed((copy) => {
          for (const { at, value } of all) if (at >= 12) copy[at] = value;
        });
        try {
          lookupAll(readGeoTable(content));
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(FlowError);
        }
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(0);
  });

  it.each(Object.keys(header).filter((name) => !/version|hecksum|dataTime/.test(name)))(
    'rejects a number of %s that the bytes cannot hold, before anything is made of it',
    (name) => {
      for (const value of [0xffff_ffff, 0x7fff_ffff, header[name as keyof GeoHeader] + 4]) {
        const before = process.memoryUsage().arrayBuffers;
        expect(errorOf(withHeader({ [name]: value }))).toMatch(/it is truncated|expected at most/);
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
      }
    },
  );

  it.each([
    ['bytes of another format', Buffer.from('range_start\trange_end\n'), 'it has another format, or is empty'],
    ['nothing', Buffer.alloc(0), 'it has another format, or is empty'],
    [
      'a later version',
      withHeader({ version: 2 }),
      'the geo table has the format version 2, expected 1: a later release wrote it; upgrade flow-sentinel',
    ],
    ['version 0', withHeader({ version: 0 }), 'its format version is 0, expected 1'],
    ['bytes after the end', Buffer.concat([bytes, Buffer.alloc(4)]), 'it has bytes after its end: got '],
    ['a checksum that differs', Buffer.from(bytes).fill(0, geoHeaderBytes, geoHeaderBytes + 1), 'it is damaged'],
    [
      'an unsorted IPv4 range',
      withNumber(sections.networks.ipv4.starts.begin + 4, 1),
      'the IPv4 ranges of networks are unsorted at 1',
    ],
    [
      'an IPv6 range that repeats the one before',
      changed((copy) => {
        const { begin } = sections.networks.ipv6Upper.starts;
        copy.copyWithin(begin + 8, begin, begin + 8);
      }),
      'the IPv6 ranges of networks are unsorted at 1',
    ],
    [
      'a full IPv6 range without lower bits',
      changed((copy) =>
        copy.fill(0, sections.networks.ipv6Full.starts.begin + 8, sections.networks.ipv6Full.starts.begin + 16),
      ),
      'full IPv6 range 0 of networks has no lower bits',
    ],
    [
      'a country out of range',
      withNumber(sections.networks.ipv4.values.begin, 0xff00_0001),
      'IPv4 range 0 of networks has an index out of range',
    ],
    [
      'an operator out of range',
      withNumber(sections.networks.ipv6Upper.values.begin + 4, 9),
      'IPv6 range 1 of networks has an index out of range',
    ],
    [
      'an AWS service out of range',
      withNumber(sections.aws.ipv4.values.begin, 99),
      'IPv4 range 0 of AWS has an index out of range',
    ],
    [
      'a country that is not letters',
      changed((copy) => copy.fill(0x31, sections.countries.begin, sections.countries.begin + 2)),
      'a country is not two letters',
    ],
    ['unsorted AS numbers', withNumber(sections.asNumbers.begin, 99_999), 'the AS numbers are unsorted at 1'],
    [
      'an AWS service without a Region',
      changed((copy) =>
        copy.fill(0x61, sections.awsServices.begin, sections.awsServices.begin + sections.awsServices.bytes),
      ),
      'an AWS service has no Region',
    ],
    [
      'sources that are not UTF-8',
      changed((copy) => copy.fill(0xff, sections.sources.begin, sections.sources.begin + 1)),
      'the names of sources are not UTF-8',
    ],
    [
      'names that end before the ones before',
      withNumber(sections.nameEnds.begin, 9999),
      'the name of operator 1 ends before the one before',
    ],
    [
      'names that end too early',
      withNumber(sections.nameEnds.begin + 4 * (header.operators - 1), header.nameBytes - 1),
      'the last name does not end with the names',
    ],
  ])('rejects %s with the problem and the remedy', (_, content, message) => {
    expect(errorOf(content)).toContain(message);
    expect(errorOf(content)).toContain('npx flow-sentinel geo build');
  });
});
