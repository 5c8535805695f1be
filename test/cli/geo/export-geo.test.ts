import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { exportLines } from '../../../cli/geo/export-rows.ts';
import { geoTableBytes } from '../../../cli/geo/geo-table-bytes.ts';
import { publicRanges } from '../../../cli/geo/public-ranges.ts';
import { isPublic } from '../../../lambda/geo/public-address.ts';
import { readGeoTable } from '../../../lambda/geo/read-geo-table.ts';
import { emptyContent } from '../../lambda/geo/source-ranges.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const samples = join(import.meta.dirname, '../../../events/regions');
const table = join(folder, 'geo.bin');

async function build(): Promise<void> {
  const sources = ['--from', join(samples, 'iptoasn/ip2asn.tsv'), '--aws', join(samples, 'aws/ip-ranges.json')];
  expect(await run('geo', 'build', ...sources, '--out', table, '--date', '2026-11-20')).toMatchObject({ code: 0 });
}

async function runAt(time: string, ...args: string[]) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(time) });
  return run(...args).finally(() => vi.useRealTimers());
}

describe('geo export', () => {
  it('writes a row for each range, and prints their number', async () => {
    await build();
    const out = join(folder, 'geo.tsv');
    const { code, stdout, stderr } = await runAt('2026-12-01T12:00:00Z', 'geo', 'export', table, '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(out, 'geo.tsv')).toMatchInlineSnapshot(`
      "geo.tsv: 2.19 kB
        rows        15
        data        2026-11-20, 11 days old
        sources     ip2asn.tsv, ip-ranges.json of 2026-11-29
      "
    `);
    const lines = readFileSync(out, 'utf8').split('\n');
    expect(
      [...lines.slice(0, 3), ...lines.slice(-4)].map((line) => line.replaceAll('\t', ' | ')),
    ).toMatchInlineSnapshot(`
      [
        "bucket | range_start | range_end | country | asn | as_name | aws_region | aws_service",
        "00000000000000000000FFFFC000 | 00000000000000000000FFFFC0000200 | 00000000000000000000FFFFC000023F | DE | 64496 | MADE-UP-HOSTING Example Hosting GmbH |  | ",
        "00000000000000000000FFFFC000 | 00000000000000000000FFFFC0000240 | 00000000000000000000FFFFC000027F | FR | 64497 | MADE-UP-TELECOM Example Telecom SA |  | ",
        "20010D | 20010DB8000100010000000000000000 | 20010DB80001000100000000000000FF | SE | 65551 | MADE-UP-REGISTRY Example Registry AB |  | ",
        "20010D | 20010DB8FFFF00000000000000000000 | 20010DB8FFFF00FFFFFFFFFFFFFFFFFF | US | 64511 | MADE-UP-AWS Example of a cloud provider | us-east-1 | DYNAMODB",
        "20010D | 20010DB8FFFF01000000000000000000 | 20010DB8FFFFFFFFFFFFFFFFFFFFFFFF | US | 64511 | MADE-UP-AWS Example of a cloud provider | us-east-1 | AMAZON",
        "",
      ]
    `);
  });

  it('writes the same bytes compressed, and prints the same as one JSON document', async () => {
    await build();
    const out = join(folder, 'geo.tsv.gz');
    const { stdout } = await runAt('2026-12-01T12:00:00Z', 'geo', 'export', table, '--out', out, '--json');
    const bytes = readFileSync(out);
    expect(JSON.parse(stdout)).toEqual({
      ...{ file: out, bytes: bytes.length, rows: 15, date: '2026-11-20', ageDays: 11 },
      sources: ['ip2asn.tsv', 'ip-ranges.json of 2026-11-29'],
    });
    const plain = join(folder, 'plain.tsv');
    expect(await run('geo', 'export', table, '--out', plain)).toMatchObject({ code: 0 });
    expect(gunzipSync(bytes).equals(readFileSync(plain))).toBe(true);
  });

  it.each([
    ['another file', [join(samples, 'iptoasn/ip2asn.tsv'), '--out', join(folder, 'x.tsv')], 'the geo table is invalid'],
    ['a missing table', [join(folder, 'none.bin'), '--out', join(folder, 'x.tsv')], 'no such file or folder'],
    ['the table as the output', [table, '--out', table], 'geo.bin is one of the tables and would be lost'],
    ['an output in a missing folder', [table, '--out', join(folder, 'no/x.tsv')], 'its folder does not exist'],
  ])('exits with 2 and writes nothing when given %s', async (_, args, message) => {
    await build();
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await run('geo', 'export', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('exportLines', () => {
  it('cuts a range at the borders of buckets and at networks that are not public', () => {
    const networks = { ipv4: [{ first: 0x09ff_ff00n, last: 0x0b02_0000n, country: 'DE', asn: undefined }], ipv6: [] };
    const bytes = geoTableBytes({ ...emptyContent, networks });
    const ranges = [...exportLines(readGeoTable(bytes))].slice(1).map((line) => line.split('\t'));
    expect(ranges.map(([bucket, start, end]) => [bucket, start, end].map((text) => text!.slice(20)))).toEqual([
      ['FFFF09FF', 'FFFF09FFFF00', 'FFFF09FFFFFF'],
      ['FFFF0B00', 'FFFF0B000000', 'FFFF0B00FFFF'],
      ['FFFF0B01', 'FFFF0B010000', 'FFFF0B01FFFF'],
      ['FFFF0B02', 'FFFF0B020000', 'FFFF0B020000'],
    ]);
  });

  it('has two million rows at most for one range of all IPv6 addresses', () => {
    const networks = { ipv4: [], ipv6: [{ first: 0n, last: (1n << 128n) - 1n, country: 'DE', asn: undefined }] };
    let rows = -1;
    for (const _ of exportLines(readGeoTable(geoTableBytes({ ...emptyContent, networks })))) rows += 1;
    expect(rows).toBe(2 ** 21);
  });
});

describe('publicRanges', () => {
  it('has the IPv4 addresses that a look-up takes as public, in each /24 and at its ends', () => {
    const ranges = publicRanges(32).map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
    let at = 0;
    const wrong: number[] = [];
    for (let begin = 0; begin < 2 ** 32; begin += 256) {
      while (at < ranges.length && ranges[at]!.last < begin) at += 1;
      const range = ranges[at];
      for (const address of [begin, begin + 255]) {
        const isListed = range !== undefined && range.first <= address && address <= range.last;
        if (isListed !== isPublic(address, true)) wrong.push(address);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has the IPv6 addresses that a look-up takes as public', () => {
    const [range] = publicRanges(128);
    for (const value of [range!.first - 1n, range!.first, range!.last, range!.last + 1n]) {
      const isListed = range!.first <= value && value <= range!.last;
      expect(isPublic(Number(value >> 96n), false)).toBe(isListed);
    }
  });
});
