import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportColumns } from '../../cli/geo/export-rows.ts';
import { geoTableBytes } from '../../cli/geo/geo-table-bytes.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { readGeoTable } from '../../lambda/geo/read-geo-table.ts';
import { emptyContent, ipv4, ipv6, rangesBetween } from '../lambda/geo/source-ranges.ts';
import { run } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hiveGrammar, trinoGrammar } from '../support/trino-grammar.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/analyse/athena.md'), 'utf8');
const [definition = '', query = ''] = [...page.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql]) => sql!);

/** The columns and types of the table as the page defines them. */
const columns = [...definition.matchAll(/(\w+) (string|bigint)[,\n]/g)].map(([, name, type]) => ({
  name: name!,
  type,
}));

describe('the statements about regions of the page on Athena', () => {
  it('parse in the grammars of Athena: the definition as Hive, the query as Trino', async () => {
    expect((await hiveGrammar())(definition)).toEqual([]);
    expect((await trinoGrammar())(query)).toEqual([]);
    expect((await hiveGrammar())(definition.replace('STORED AS', 'STORED'))).not.toEqual([]);
  });

  it('define the columns of an export in its order', () => {
    expect(columns.map(({ name }) => name)).toEqual(exportColumns);
  });
});

const folder = temporaryFolder();

/** The beginnings of networks that are not public, of buckets, and of documentation. */
const ipv4Bases = [300n, 0x0a00_0000n, 0x0b00_0000n, 0x5dff_0000n, 0xc000_0000n, 0xc0a8_0000n, 0xe000_0000n];
const ipv6Bases = [0xffffn << 32n, 0x2000n << 112n, 0x2001_0db8n << 96n, 0x3fff_ffffn << 96n, 0xfc00n << 112n];

/** Values around a beginning, within a bucket and in the next ones. */
const ipv4Near = (base: bigint) => fc.bigInt({ min: base - 260n, max: base + 140_000n });
const ipv6Near = (base: bigint) =>
  fc
    .record({ bit: fc.constantFrom(0n, 32n, 63n, 64n, 90n, 104n), offset: fc.bigInt({ min: -3n, max: 40n }) })
    .map(({ bit, offset }) => BigInt.asUintN(128, base + (offset << (base >> 120n === 0n ? 0n : bit))));

const asNames = ['MADE-UP "Example", Inc.\t\\N', "O'Example\\\r\n=1+1 Ünïcode", ''];

/** A table of made-up ranges, and addresses at their ends, beside them and anywhere. */
function generated(seed: number): { bytes: Uint8Array; addresses: string[] } {
  let samples = 0;
  const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => {
    samples += 1;
    return fc.sample(arbitrary, { seed: 1000 * seed + samples, numRuns });
  };
  const longest = <T>(lists: T[][]) => lists.reduce((one, other) => (other.length > one.length ? other : one));
  const rangesNear = (bases: readonly bigint[], near: (base: bigint) => fc.Arbitrary<bigint>) =>
    bases.flatMap((base) => longest(sample(rangesBetween(near(base)), 10)));
  const networks = { ipv4: rangesNear(ipv4Bases, ipv4Near), ipv6: rangesNear(ipv6Bases, ipv6Near) };
  const ofAws = (range: { first: bigint; last: bigint }) => ({ ...range, region: 'eu-west-1', service: 'S3' });
  const aws = {
    ipv4: rangesNear(ipv4Bases.slice(1, 4), ipv4Near).map(ofAws),
    ipv6: rangesNear([ipv6Bases[2]!], ipv6Near).map(ofAws),
  };
  const operatorNames = new Map([64_496, 64_511, 65_551].map((asn, index) => [asn, asNames[index]!]));
  const near = (ranges: readonly { first: bigint; last: bigint }[], bits: number) =>
    ranges
      .flatMap(({ first, last }) => [first - 1n, first, (first + last) / 2n, last, last + 1n])
      .map((value) => BigInt.asUintN(bits, value));
  const ipv4Values = [
    ...near([...networks.ipv4, ...aws.ipv4], 32),
    ...ipv4Bases.flatMap((base) => sample(ipv4Near(base), 10)),
  ];
  const ipv6Values = [
    ...near([...networks.ipv6, ...aws.ipv6], 128),
    ...ipv6Bases.flatMap((base) => sample(ipv6Near(base), 10)),
  ];
  return {
    bytes: geoTableBytes({ ...emptyContent, networks, operatorNames, aws }),
    addresses: [
      ...ipv4Values.flatMap((value) => [ipv4(value), `::ffff:${ipv4(value)}`]),
      ...ipv6Values.map(ipv6),
      ...['10.0.0.1', '127.0.0.1', '169.254.169.254', 'fd00::1', '::1', '-', '', 'text'],
    ],
  };
}

/** Returns the bytes of an address in hexadecimal digits, as Trino's type IPADDRESS has them; null for another text. */
function trinoHex(text: string | null): string | null {
  if (text === null || !ipaddr.isValid(text) || (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)))
    return null;
  const address = ipaddr.parse(text);
  const bytes =
    address.kind() === 'ipv4' ? (address as ipaddr.IPv4).toIPv4MappedAddress().toByteArray() : address.toByteArray();
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Runs SQL of the page on an export and on a flow to each address, the bytes of which are its number from 1. */
async function rowsOf(
  sql: string,
  tablePath: string,
  addresses: readonly string[],
): Promise<Record<string, unknown>[]> {
  const exported = join(folder, 'geo.tsv.gz');
  expect(await run('geo', 'export', tablePath, '--out', exported)).toMatchObject({ code: 0 });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'trino_hex',
      parameterTypes: [VARCHAR],
      returnType: VARCHAR,
      mainFunction: (_, input, output) => {
        const texts = input.getColumnValues(0) as (string | null)[];
        for (let row = 0; row < input.rowCount; row += 1) output.setItem(row, trinoHex(texts[row] ?? null));
        output.flush();
      },
    }),
  );
  const types = columns.map(({ name, type }) => `'${name}': '${type === 'bigint' ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
  // The page's table has tabs, no quotes, an empty text as null, and a line of names.
  await connection.run(`CREATE TABLE geo_ranges AS SELECT * FROM read_csv('${exported}',
    delim = '\\t', quote = '', escape = '', header = true, nullstr = '', columns = {${types}})`);
  await connection.run('CREATE TABLE vpc_flow_logs (day VARCHAR, dstaddr VARCHAR, bytes BIGINT, action VARCHAR)');
  const values = addresses.map((address, index) => `('2026-11-25', '${address}', ${index + 1}, 'ACCEPT')`);
  const others = [`('2026-11-25', '192.0.3.1', 5, 'REJECT')`, `('2026-11-23', '192.0.3.1', 5, 'ACCEPT')`];
  await connection.run(`INSERT INTO vpc_flow_logs VALUES ${[...values, ...others].join(', ')}`);
  const inDuckDb = sql.replace('to_hex(CAST(TRY_CAST(dstaddr AS ipaddress) AS varbinary))', 'trino_hex(dstaddr)');
  expect(inDuckDb).toContain('trino_hex');
  const rows = (await connection.runAndReadAll(inDuckDb)).getRowObjectsJson();
  connection.closeSync();
  return rows;
}

/** Runs a statement of DuckDB in an empty database. */
async function inEmptyDatabase(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  return rows;
}

describe('the call of DuckDB of the page on Athena', () => {
  it('reads an export with texts as they are', async () => {
    const path = join(folder, 'digits.bin');
    const range = { first: 0x2001_0700n << 96n, last: 0x2001_0700n << 96n, country: 'DE', asn: 64_496 };
    const networks = { ipv4: [], ipv6: [range] };
    writeFileSync(path, geoTableBytes({ ...emptyContent, networks, operatorNames: new Map([[64_496, asNames[0]!]]) }));
    const exported = join(folder, 'digits.tsv.gz');
    expect(await run('geo', 'export', path, '--out', exported)).toMatchObject({ code: 0 });
    const call = /`(read_csv\('geo\.tsv\.gz'.*?\))`/.exec(page)![1]!;
    expect(await inEmptyDatabase(`SELECT * FROM ${call.replace('geo.tsv.gz', exported)}`)).toEqual([
      {
        bucket: '200107',
        ...{ range_start: '20010700'.padEnd(32, '0'), range_end: '20010700'.padEnd(32, '0') },
        ...{ country: 'DE', asn: '64496', as_name: 'MADE-UP "Example", Inc. \\N', aws_region: null, aws_service: null },
      },
    ]);
  });
});

describe('the query by country of the page on Athena', () => {
  let tables: { table: GeoTable; path: string; addresses: string[] }[];
  beforeAll(() => {
    tables = [1, 2, 3].map((seed) => {
      const { bytes, addresses } = generated(seed);
      const path = join(folder, `${seed}.bin`);
      writeFileSync(path, bytes);
      return { table: readGeoTable(bytes), path, addresses: [...new Set(addresses)] };
    });
  });

  it('sums the bytes of the countries that a look-up of each address finds', async () => {
    let found = 0;
    for (const { table, path, addresses } of tables) {
      const sums = new Map<string | undefined, number>();
      for (const [index, address] of addresses.entries()) {
        const entry = table.lookup(address);
        if (entry) sums.set(entry.country, (sums.get(entry.country) ?? 0) + index + 1);
      }
      const rows = await rowsOf(query, path, addresses);
      const actual = rows.map(({ day, country, bytes_out }) => `${day} ${country} ${bytes_out}`).sort();
      expect(actual).toEqual([...sums].map(([country, sum]) => `2026-11-25 ${country ?? null} ${sum}`).sort());
      found += sums.size;
    }
    expect(found).toBe(4 * tables.length);
  });

  it('joins each address to the facts of its look-up, and to one row at most', async () => {
    const perAddress = `${query.slice(0, query.lastIndexOf('\nSELECT'))}\nSELECT * FROM located ORDER BY bytes`;
    let found = 0;
    for (const { table, path, addresses } of tables) {
      const rows = await rowsOf(perAddress, path, addresses);
      const plainText = (text: string | undefined) => text?.replace(/\s+/g, ' ').trim() || null;
      const expected = addresses.flatMap((address, index) => {
        const entry = table.lookup(address);
        if (!entry) return [];
        const { country = null, asn, asName, awsRegion = null, awsService = null } = entry;
        const facts = { country, asn: asn === undefined ? null : String(asn), as_name: plainText(asName) };
        return [{ bytes: String(index + 1), ...facts, aws_region: awsRegion, aws_service: awsService }];
      });
      expect(rows.map(({ day, address, ...rest }) => rest)).toEqual(expected);
      found += rows.length;
    }
    expect(found).toBeGreaterThan(200);
  });
});
