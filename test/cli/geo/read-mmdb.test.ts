import fc from 'fast-check';
import { Reader, type Response } from 'mmdb-lib';
import { describe, expect, it } from 'vitest';
import { addressNumber, type ByFamily } from '../../../cli/geo/address-range.ts';
import type { NetworkRange } from '../../../cli/geo/geo-table-bytes.ts';
import { isMmdb } from '../../../cli/geo/mmdb/metadata.ts';
import { readMmdb } from '../../../cli/geo/read-mmdb.ts';
import { InputError } from '../../../cli/terminal/input-error.ts';
import { ipv4, ipv6, rangeOf } from '../../lambda/geo/source-ranges.ts';
import {
  buildEpoch,
  encoded,
  head,
  type MmdbFile,
  type MmdbNetwork,
  type MmdbValue,
  marker,
  mmdbFile,
  nodeBytes,
  pointer,
} from '../../support/mmdb-file.ts';

const number = (address: string) => addressNumber(address)!.value;

/** Returns a network of a tree. @param prefix such as `192.0.2.0/24` */
function network(prefix: string, ipVersion: 4 | 6, data: MmdbValue): MmdbNetwork {
  const [address = '', length] = prefix.split('/');
  const isLong = ipVersion === 6 && !address.includes(':');
  return { first: number(address), length: Number(length) + (isLong ? 96 : 0), data };
}

const small = (data: MmdbValue, choices: Partial<MmdbFile> = {}) =>
  mmdbFile({ ipVersion: 4, recordSize: 24, networks: [network('192.0.2.0/24', 4, data)], ...choices });

interface Facts {
  readonly country: string | undefined;
  readonly asn: number | undefined;
}

/** The forms in which vendors write a country and an AS number. */
const forms: ((country: string, asn: number) => MmdbValue)[] = [
  (country, asn) => ({ country: { names: { en: 'X' }, iso_code: country }, autonomous_system_number: asn }),
  (country, asn) => ({
    ...{ registered_country: { iso_code: country }, location: { latitude: [1, true, 2n] }, country: {} },
    ...{ autonomous_system_number: asn, autonomous_system_organization: `OPERATOR ${asn}` },
  }),
  (country, asn) => ({ country: 'Long name', country_code: country, asn: `AS${asn}`, as_name: `OPERATOR ${asn}` }),
  (country, asn) => ({ continent: 'EU', country, asn: `AS${asn}`, name: `OPERATOR ${asn}`.padEnd(40 + asn / 100) }),
];

const pool = ['DE', 'FR', 'JP'].flatMap((country) =>
  [64_496, 64_511].flatMap((asn) => forms.map((form) => ({ facts: { country, asn }, data: form(country, asn) }))),
);
const factsOf = (data: MmdbValue | undefined): Facts | undefined => pool.find((one) => one.data === data)?.facts;

const aliases = [
  { first: number('2002::'), length: 16 },
  { first: number('2001::'), length: 32 },
  { first: 0xffffn << 32n, length: 96 },
];

const near = (base: bigint, bits: number) =>
  fc
    .record({ bit: fc.integer({ min: 0, max: bits - 1 }), offset: fc.bigInt({ min: -2n, max: 2n }) })
    .map(({ bit, offset }) => BigInt.asUintN(bits === 32 ? 32 : 128, base + (1n << BigInt(bit)) + offset));
const ipv4Values = fc.constantFrom(number('192.0.2.0'), number('198.51.100.0'), 0n).chain((base) => near(base, 32));
const ipv6Values = fc
  .constantFrom(number('2001:db8::'), number('2a00::'), number('3fff::'), number('2000::'))
  .chain((base) => near(base, 125))
  .map((value) => (1n << 125n) | BigInt.asUintN(125, value));

const cut = (first: bigint, length: number, bits: number) => (first >> BigInt(bits - length)) << BigInt(bits - length);
const inTree = (bits: 32 | 128, value: fc.Arbitrary<bigint>, minLength: number) =>
  fc
    .record({
      first: value,
      length: fc.integer({ min: minLength, max: bits }),
      data: fc.constantFrom(...pool.map(({ data }) => data)),
    })
    .map((one) => ({ ...one, first: cut(one.first, one.length, bits) }));

/** Files of few networks, the largest first, as writers insert them. */
const files: fc.Arbitrary<MmdbFile> = fc
  .constantFrom(4 as const, 6 as const)
  .chain((ipVersion) =>
    fc.record({
      ipVersion: fc.constant(ipVersion),
      recordSize: fc.constantFrom(24 as const, 28 as const, 32 as const),
      hasPointers: fc.boolean(),
      aliases: fc.constant(ipVersion === 4 ? [] : aliases),
      networks: fc.array(
        ipVersion === 4
          ? inTree(32, ipv4Values, 1)
          : fc.oneof(
              inTree(
                128,
                ipv4Values.map((value) => BigInt.asUintN(32, value)),
                90,
              ),
              inTree(128, ipv6Values, 1),
            ),
        { minLength: 1, maxLength: 10 },
      ),
    }),
  )
  .map((file) => ({ ...file, networks: file.networks.sort((a, b) => a.length - b.length) }));

/** Finds the data of an address by looking at each network. */
function dataOf({ networks, ipVersion }: MmdbFile, value: bigint): MmdbValue | undefined {
  const bits = ipVersion === 4 ? 32 : 128;
  return networks.findLast(({ first, length }) => cut(value, length, bits) === first)?.data;
}

/** Returns whether a record of the tree leads from an address to the IPv4 networks. */
function isAliased({ networks, ipVersion }: MmdbFile, value: bigint): boolean {
  const hasNode = networks.some(({ first, length }) => first < 1n << 32n && length > 96);
  return ipVersion === 6 && hasNode && aliases.some(({ first, length }) => cut(value, length, 128) === first);
}

const plain = (range: Facts | undefined) => range && { country: range.country, asn: range.asn };
const isAscending = (ranges: readonly NetworkRange[]) =>
  ranges.every(({ first, last }, index) => first <= last && (index === 0 || ranges[index - 1]!.last < first));
const hasMerged = (ranges: readonly NetworkRange[]) =>
  ranges.every((range, index) => {
    const before = ranges[index - 1];
    return before?.last !== range.first - 1n || JSON.stringify(plain(before)) !== JSON.stringify(plain(range));
  });

/** Returns the networks of a file, or none where it has none. */
function networksOf(file: MmdbFile): ByFamily<NetworkRange> {
  try {
    return readMmdb(mmdbFile(file), 'a.mmdb').networks;
  } catch (error) {
    expect((error as Error).message).toContain('a.mmdb has no ranges');
    return { ipv4: [], ipv6: [] };
  }
}

describe('readMmdb', () => {
  it('has the facts of each network at its ends and none in gaps, as a search of all networks finds them', () => {
    fc.assert(
      fc.property(files, fc.array(ipv4Values), fc.array(ipv6Values), (file, moreIpv4, moreIpv6) => {
        const read = networksOf(file);
        const lib = new Reader<Response>(mmdbFile(file));
        const ends = file.networks.flatMap(({ first, length }) => {
          const last = first + (1n << BigInt((file.ipVersion === 4 ? 32 : 128) - length)) - 1n;
          return [first - 1n, first, last, last + 1n];
        });
        for (const list of [read.ipv4, read.ipv6]) {
          expect(isAscending(list)).toBe(true);
          expect(hasMerged(list)).toBe(true);
        }
        const readEnds = (list: readonly NetworkRange[]) =>
          list.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        for (const value of [...ends, ...readEnds(read.ipv4), ...moreIpv4]) {
          if (value < 0n || value >= 1n << 32n) continue;
          const data = dataOf(file, value);
          expect(plain(rangeOf(read.ipv4, value))).toEqual(factsOf(data));
          expect(lib.get(ipv4(value))).toEqual(data ?? null);
        }
        for (const value of [...ends, ...readEnds(read.ipv6), ...moreIpv6]) {
          if (value >> 125n !== 1n || file.ipVersion === 4) continue;
          const data = isAliased(file, value) ? undefined : dataOf(file, value);
          expect(plain(rangeOf(read.ipv6, value))).toEqual(factsOf(data));
          if (!isAliased(file, value)) expect(lib.get(ipv6(value))).toEqual(data ?? null);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('reads IPv4 in a tree of IPv6 once when other prefixes lead to it', () => {
    const data = { country: { iso_code: 'DE' } };
    const networks = [network('192.0.2.0/24', 6, data), network('2001:db8::/32', 6, data)];
    const { networks: read } = readMmdb(mmdbFile({ ipVersion: 6, recordSize: 28, networks, aliases }), 'a.mmdb');
    const facts = { country: 'DE', asn: undefined };
    expect(read).toEqual({
      ipv4: [{ first: number('192.0.2.0'), last: number('192.0.2.255'), ...facts }],
      ipv6: [{ first: number('2001:db8::'), last: number('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'), ...facts }],
    });
  });

  it('reads the time of the build, and names an operator once, without blanks around it', () => {
    const networks = [
      network('192.0.2.0/25', 4, { asn: 'AS64496', name: ' MADE-UP Example ' }),
      network('192.0.2.128/25', 4, { asn: 'AS64496', name: 'OTHER' }),
    ];
    const {
      networks: read,
      operatorNames,
      buildTime,
      leftOut,
    } = readMmdb(mmdbFile({ ipVersion: 4, recordSize: 24, networks }), 'a.mmdb');
    expect([...operatorNames]).toEqual([[64_496, 'MADE-UP Example']]);
    expect({ buildTime, ranges: read.ipv4.length, leftOut }).toEqual({ buildTime: buildEpoch, ranges: 1, leftOut: [] });
  });

  it('shortens the name of an operator to 200 characters', () => {
    const { operatorNames } = readMmdb(small({ asn: 'AS64496', name: 'x'.repeat(70_000) }), 'a.mmdb');
    expect(operatorNames.get(64_496)).toBe(`${'x'.repeat(197)}...`);
  });

  it.each([1, 2, 3, 4])('follows a pointer of %i bytes to a map', (length) => {
    const target = length === 1 ? 0 : length === 2 ? 2048 : 526_336;
    const filler = Buffer.alloc(length === 4 ? 0 : target);
    const country = encoded({ iso_code: 'FR' });
    const data = Buffer.concat([
      filler,
      country,
      head(7, 1),
      encoded('country'),
      pointer(length === 4 ? 0 : target, length),
    ]);
    const offset = filler.length + country.length;
    const tree = nodeBytes(1, 1 + 16 + offset, 24);
    const bytes = Buffer.concat([tree, Buffer.alloc(16), data, small({}).subarray(small({}).indexOf(marker))]);
    const metadata = encoded({ ...plainMetadata, node_count: 1 });
    const file = Buffer.concat([bytes.subarray(0, bytes.indexOf(marker)), marker, metadata]);
    expect(readMmdb(file, 'a.mmdb').networks.ipv4).toEqual([
      { first: 1n << 31n, last: (1n << 32n) - 1n, country: 'FR', asn: undefined },
    ]);
  });

  it.each([
    [{ country: 'Germany' }, 'the country is invalid: got "Germany", expected two letters'],
    [{ country_code: 'de' }, 'the country is invalid: got "de", expected two letters'],
    [{ asn: 'AS4294967296' }, 'the AS number is invalid: got "AS4294967296", expected AS0 to AS4294967295'],
    [{ asn: 'x' }, 'the AS number is invalid: got "x", expected AS0 to AS4294967295'],
  ])('leaves out the value of %j and says where it is', (data, problem) => {
    const networks = [network('192.0.2.0/24', 4, data), network('198.51.100.0/24', 4, { country: 'DE' })];
    const { networks: read, leftOut } = readMmdb(mmdbFile({ ipVersion: 4, recordSize: 24, networks }), 'a.mmdb');
    expect(read.ipv4).toHaveLength(1);
    expect(leftOut).toEqual([{ where: 'a.mmdb: 192.0.2.0/24', problem }]);
  });

  it('takes an empty text and AS 0 as none', () => {
    const networks = [
      network('192.0.2.0/24', 4, { country: '', asn: '', as_name: '' }),
      network('203.0.113.0/24', 4, { autonomous_system_number: 0 }),
      network('198.51.100.0/24', 4, { country: 'DE', asn: 'AS0' }),
    ];
    const { networks: read, leftOut } = readMmdb(mmdbFile({ ipVersion: 4, recordSize: 32, networks }), 'a.mmdb');
    expect(read.ipv4.map(plain)).toEqual([{ country: 'DE', asn: undefined }]);
    expect(leftOut).toEqual([]);
  });
});

const plainMetadata = {
  ...{ node_count: 1, record_size: 24, ip_version: 4, database_type: 'Made-up-Test' },
  ...{ binary_format_major_version: 2, build_epoch: BigInt(buildEpoch) },
};

/** Returns a file of nodes and data as they are. @param nodes records in pairs */
function rawFile(nodes: readonly (readonly [number, number])[], data: Buffer, ipVersion: 4 | 6 = 4): Buffer {
  const tree = nodes.map(([left, right]) => nodeBytes(left, right, 24));
  const metadata = encoded({ ...plainMetadata, node_count: nodes.length, ip_version: ipVersion });
  return Buffer.concat([...tree, Buffer.alloc(16), data, marker, metadata]);
}

const german = encoded({ country: 'DE' });
/** A tree of 32 nodes that each have the next one twice: 2^32 networks of 32 nodes. */
const doubling = Array.from({ length: 32 }, (_, n) => (n < 31 ? [n + 1, n + 1] : [48, 48]) as [number, number]);

describe('readMmdb of damaged files', () => {
  it.each<[string, Buffer, string]>([
    ['nodes that lead to the root twice', rawFile([[0, 0]], german), 'the tree has a cycle'],
    ['a node that leads to itself', rawFile([[0, 1]], german), 'the tree has a cycle'],
    [
      'a cycle of many nodes',
      rawFile(
        Array.from({ length: 40 }, (_, n) => [(n + 1) % 40, 40]),
        german,
      ),
      'deeper than the 32 bits',
    ],
    ['nodes that are shared without bound', rawFile(doubling, german), 'the tree has a cycle, or networks that share'],
    [
      'a cycle of IPv6',
      rawFile(
        [
          [1, 2],
          [1, 3],
          [0, 0],
        ],
        german,
        6,
      ),
      'the tree has a cycle',
    ],
    ['a record in the separator', rawFile([[2, 1]], german), 'a record that leads before the data'],
    ['a record after the data', rawFile([[1 + 16 + 500, 1]], german), 'the data has a value at bytes 500 to 501'],
    ['a pointer after the data', rawFile([[17, 1]], pointer(3000)), 'the data has a value at bytes 3000'],
    ['a pointer to a pointer', rawFile([[17, 1]], Buffer.concat([pointer(2), pointer(0)])), 'leads to a pointer'],
    ['a map that is cut off', rawFile([[17, 1]], head(7, 100_000)), 'the data has a value at bytes'],
    [
      'a text that is cut off',
      rawFile([[17, 1]], Buffer.concat([head(7, 1), encoded('country'), head(2, 28)])),
      'bytes 10 to 38',
    ],
    ['an unknown type', rawFile([[17, 1]], Buffer.from([0, 9])), 'has the unknown type 16'],
    ['a cache container', rawFile([[17, 1]], Buffer.from([0, 5])), 'has the unknown type 12'],
    ['data that is not a map', small('DE'), 'is not a map'],
    ['a country that is a number', small({ country: 49 }), 'is not a map'],
    ['a code that is a number', small({ country: { iso_code: 49 } }), 'is not a text'],
    ['an AS number that is a text', small({ autonomous_system_number: '64496' }), 'is not an unsigned number'],
    [
      'an AS number of five bytes',
      small({ autonomous_system_number: Buffer.from([0xc5, 1, 2, 3, 4, 5]) }),
      'has 5 bytes',
    ],
    ['a name that is not UTF-8', small({ asn: 'AS1', name: Buffer.from([0x42, 0xff, 0xfe]) }), 'is not UTF-8'],
    [
      'a node count above the file',
      small({}, { metadata: { node_count: 0xffff_ffff } }),
      'the tree has 4294967295 nodes',
    ],
    ['a node count that is a text', small({}, { metadata: { node_count: '5' } }), 'is not an unsigned number'],
    ['no node count', small({}, { metadata: { node_count: undefined } }), 'the metadata has no node_count'],
    ['another record size', small({}, { metadata: { record_size: 16 } }), 'record_size is 16, expected 24 or 28 or 32'],
    ['another version of IP', small({}, { metadata: { ip_version: 5 } }), 'ip_version is 5, expected 4 or 6'],
    ['a later format', small({}, { metadata: { binary_format_major_version: 3 } }), 'binary_format_major_version is 3'],
    ['a time without end', small({}, { metadata: { build_epoch: 2n ** 63n } }), 'expected epoch seconds'],
    ['metadata that is not a map', Buffer.concat([marker, encoded('x')]), 'is not a map'],
    ['no metadata', marker, 'the data has a value at bytes 0 to 1, but ends at byte 0'],
  ])('is an error of input when the file has %s', (_, bytes, message) => {
    expect(isMmdb(bytes)).toBe(true);
    expect(() => readMmdb(bytes, 'a.mmdb')).toThrow(InputError);
    expect(() => readMmdb(bytes, 'a.mmdb')).toThrow(/^a\.mmdb is invalid: .*; download it again$/);
    expect(() => readMmdb(bytes, 'a.mmdb')).toThrow(message);
  });

  it('is an error that names the type of the database when the file has no country and no operator', () => {
    expect(() => readMmdb(small({ city: 'X' }), 'a.mmdb')).toThrow(
      'a.mmdb has no ranges: its type is "Made-up-Test", expected a database with countries or AS numbers',
    );
    expect(() => readMmdb(small({ country: 'Germany' }), 'a.mmdb')).toThrow(
      'AS numbers: a.mmdb: 192.0.2.0/24: the country is invalid: got "Germany"',
    );
  });

  it('ends soon when many networks share one large map', () => {
    // Each network has another pointer to the same map.
    const map = Buffer.concat([
      head(7, 20_000),
      ...Array.from({ length: 20_000 }, () => encoded({ a: 'b' }).subarray(1)),
    ]);
    const pointers = Array.from({ length: 32 }, () => pointer(0));
    const nodes = pointers.map((_, n) => [32 + 16 + map.length + 2 * n, n + 1] as const);
    expect(() => readMmdb(rawFile(nodes, Buffer.concat([map, ...pointers])), 'a.mmdb')).toThrow(
      'a.mmdb is invalid: the data has values that are nested or shared too often',
    );
  });

  it('is complete or an error of input when bytes are missing or changed', () => {
    const file = mmdbFile({
      ...{ ipVersion: 6, recordSize: 28, aliases, hasPointers: true },
      networks: [
        network('192.0.2.0/24', 6, forms[0]!('DE', 64_496)),
        network('198.51.100.0/24', 6, forms[1]!('FR', 64_511)),
        network('2001:db8::/32', 6, forms[2]!('JP', 64_496)),
      ],
    });
    const readOrInputError = (bytes: Buffer) => {
      if (!isMmdb(bytes)) return;
      try {
        readMmdb(bytes, 'a.mmdb');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    };
    for (let length = 0; length < file.length; length += 1) readOrInputError(file.subarray(0, length));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Buffer.from(file);
          for (const [at, value] of changes) bytes[at] = value;
          readOrInputError(bytes);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
