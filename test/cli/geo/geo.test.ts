import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { addressNumber } from '../../../cli/geo/address-range.ts';
import { buildEpoch, type MmdbValue, mmdbFile } from '../../support/mmdb-file.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-geo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const samples = join(import.meta.dirname, '../../../events/regions');
const [tsv, aws] = [join(samples, 'iptoasn/ip2asn.tsv'), join(samples, 'aws/ip-ranges.json')];
const at = (name: string) => join(folder, name);

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** Returns an MMDB file of networks: an address, the length of its prefix in the tree, and its data. */
function mmdbOf(ipVersion: 4 | 6, ...networks: [string, number, MmdbValue][]): Buffer {
  return mmdbFile({ ipVersion, recordSize: 28, networks: networks.map(networkOf) });
}

function networkOf([address, length, data]: [string, number, MmdbValue]) {
  return { first: addressNumber(address)!.value, length, data };
}

const mmdb = mmdbOf(
  6,
  ['192.0.2.0', 120, { country: { iso_code: 'DE' } }],
  ['2001:db8::', 32, { country: { iso_code: 'SE' } }],
);
/** A file that was built ten days earlier. */
const asMmdb = mmdbFile({
  ipVersion: 6,
  recordSize: 32,
  metadata: { build_epoch: BigInt(buildEpoch - 10 * 86_400) },
  networks: [
    networkOf([
      '192.0.2.128',
      121,
      { autonomous_system_number: 64_496, autonomous_system_organization: 'MADE-UP Example' },
    ]),
    networkOf(['198.51.100.0', 120, { asn: 'AS64511', as_name: 'OTHER Example' }]),
  ],
});

/** Runs a command at a time in UTC. */
async function runAt(time: string, ...args: string[]) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(time) });
  return run(...args).finally(() => vi.useRealTimers());
}

/** Builds a table of the samples with the date 2026-11-20. */
async function built(name: string): Promise<string> {
  const args = ['geo', 'build', '--from', tsv, '--aws', aws, '--out', at(name), '--date', '2026-11-20'];
  expect(await runAt('2026-12-01T12:00:00Z', ...args)).toMatchObject({ code: 0, stderr: '' });
  return at(name);
}

describe('geo build', () => {
  it('prints ranges, countries, date and size', async () => {
    const args = ['geo', 'build', '--from', tsv, '--aws', aws, '--out', at('a.bin'), '--date', '2026-11-20'];
    const { code, stdout, stderr } = await runAt('2026-12-01T12:00:00Z', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(at('a.bin'), 'a.bin')).toMatchInlineSnapshot(`
      "a.bin: 800 bytes
        data        2026-11-20, 11 days old
        sources     ip2asn.tsv, ip-ranges.json of 2026-11-29
        ranges      7 of IPv4, 4 of IPv6, 6 of AWS
        operators   8
        countries   6; most ranges: US 3, DE 2, FR 2, JP 1, NL 1
      "
    `);
  });

  it('writes the same table from the compressed file, dated by its modification time', async () => {
    const path = file('ip2asn-combined.tsv.gz', gzipSync(readFileSync(tsv)));
    utimesSync(path, 1_795_000_000, 1_795_000_000);
    const args = ['geo', 'build', '--from', path, '--out', at('b.bin'), '--json'];
    const { code, stdout } = await runAt('2026-11-20T00:00:00Z', ...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      file: at('b.bin'),
      date: '2026-11-18',
      ageDays: 1,
      sources: ['ip2asn-combined.tsv.gz'],
      ranges: { ipv4: 7, ipv6: 4, aws: 0 },
      leftOut: { count: 0, first: [] },
    });
  });

  it('reports bad lines, writes the table without them and exits with 1', async () => {
    const bad = Array.from({ length: 12 }, (_, index) => `line ${index}\u001b[31m`).join('\n');
    const path = file('bad.tsv', `${bad}\n${readFileSync(tsv, 'utf8')}`);
    const { code, stdout, stderr } = await run('geo', 'build', '--from', path, '--out', at('c.bin'));
    expect(code).toBe(1);
    expect(stdout).toContain('7 of IPv4, 4 of IPv6');
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe(`flow-sentinel: ${path}:1: the line has 1 columns, expected 5 separated by tabs`);
    expect(lines[10]).toBe('flow-sentinel: left out 12 bad ranges, 2 of them not listed');
    expect(existsSync(at('c.bin'))).toBe(true);
  });

  it('joins the countries and the operators of MMDB files, dated by their oldest build', async () => {
    const from = ['--from', file('country.mmdb', mmdb), '--from', file('asn.mmdb.gz', gzipSync(asMmdb))];
    const args = ['geo', 'build', ...from, '--out', at('e.bin')];
    const { code, stdout, stderr } = await runAt('2026-12-01T12:00:00Z', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(at('e.bin'), 'e.bin')).toMatchInlineSnapshot(`
      "e.bin: 232 bytes
        data        2026-11-19, 12 days old
        sources     country.mmdb of 2026-11-29, asn.mmdb.gz of 2026-11-19
        ranges      3 of IPv4, 1 of IPv6, 0 of AWS
        operators   2
        countries   2; most ranges: DE 2, SE 1
      "
    `);
    const addresses = ['192.0.2.1', '192.0.2.128', '192.0.3.0', '198.51.100.1', '2001:db8::1', '2001:db9::'];
    const shown = await runAt('2026-12-01T12:00:00Z', 'geo', 'show', at('e.bin'), ...addresses);
    expect(shown.stdout.slice(shown.stdout.indexOf('  address'))).toMatchInlineSnapshot(`
      "  address       country        operator                 AWS Region  AWS service
        192.0.2.1     DE (registry)  -                        -           -
        192.0.2.128   DE (registry)  AS64496 MADE-UP Example  -           -
        192.0.3.0     -              -                        -           -
        198.51.100.1  -              AS64511 OTHER Example    -           -
        2001:db8::1   SE (registry)  -                        -           -
        2001:db9::    -              -                        -           -

        The country is that of the registry or the operator, not where the packets went.
      "
    `);
  });

  it('joins a file of iptoasn.com and an MMDB file, and has the facts of the first one that knows them', async () => {
    const country = file('other.mmdb', mmdbOf(4, ['192.0.2.0', 24, { country: 'XX' }]));
    const args = ['geo', 'build', '--from', tsv, '--from', country, '--out', at('f.bin'), '--date', '2026-11-20'];
    expect(await runAt('2026-12-01T12:00:00Z', ...args)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await runAt(
      '2026-12-01T12:00:00Z',
      'geo',
      'show',
      at('f.bin'),
      '192.0.2.10',
      '192.0.2.130',
      '--json',
    );
    expect((JSON.parse(stdout) as { addresses: unknown[] }).addresses).toMatchObject([
      { country: 'DE' },
      { country: 'XX' },
    ]);
  });

  it('leaves out a country of an MMDB file that is no code, and exits with 1', async () => {
    const path = file('long.mmdb', mmdbOf(4, ['192.0.2.0', 24, { country: 'Germany', asn: 'AS64496' }]));
    const { code, stdout, stderr } = await run('geo', 'build', '--from', path, '--out', at('g.bin'));
    expect(code).toBe(1);
    expect(stdout).toContain('1 of IPv4, 0 of IPv6');
    expect(stderr).toContain(`${path}: 192.0.2.0/24: the country is invalid: got "Germany", expected two letters`);
  });

  it('warns when the data is older than 45 days', async () => {
    const args = ['geo', 'build', '--from', tsv, '--out', at('d.bin'), '--date', '2026-10-01'];
    const { code, stderr } = await runAt('2026-12-01T00:00:00Z', ...args);
    expect(code).toBe(0);
    expect(stderr).toContain('the data of 2026-10-01 is 61 days old');
  });

  const overlapping = `${readFileSync(tsv, 'utf8').split('\n')[0]}\n`.repeat(2);
  it.each([
    ['a missing source', ['--from', at('none.tsv')], 'none.tsv cannot be read: no such file or folder'],
    ['a folder', ['--from', folder], 'cannot be read: it is a folder'],
    ['an empty source', ['--from', file('empty.tsv', '')], 'has no ranges, expected ip2asn-combined.tsv of https'],
    ['another file', ['--from', aws], 'ip-ranges.json:1: the line has 1 columns'],
    [
      'an MMDB file that is cut off',
      ['--from', file('cut.mmdb', mmdb.subarray(0, -300))],
      'cut.mmdb is invalid: it is not text, and has no metadata',
    ],
    [
      'an MMDB file of another kind',
      ['--from', file('city.mmdb', mmdbOf(4, ['192.0.2.0', 24, { city: 'X' }]))],
      'city.mmdb has no ranges: its type is "Made-up-Test"',
    ],
    [
      'a damaged MMDB file',
      ['--from', file('type.mmdb', mmdbOf(4, ['192.0.2.0', 24, { country: 49 }]))],
      'type.mmdb is invalid: the value at byte 9 of the data is not a map; download',
    ],
    ['ranges that overlap', ['--from', file('over.tsv', overlapping)], 'over.tsv:2: the range begins at 192.0.2.0'],
    ['an AWS file that is not JSON', ['--from', tsv, '--aws', tsv], 'ip2asn.tsv is invalid: expected JSON'],
    ['a source as the output', ['--from', file('same.tsv', 'x'), '--out', at('same.tsv')], 'is one of the sources'],
    ['an output in a missing folder', ['--from', tsv, '--out', at('no/x.bin')], 'its folder does not exist'],
    ['a day that does not exist', ['--from', tsv, '--date', '2026-02-30'], 'expected a day until today'],
    ['a day to come', ['--from', tsv, '--date', '9999-01-01'], 'expected a day until today'],
    ['standard input twice', ['--from', '-', '--aws', '-'], 'standard input is named more than once'],
  ])('exits with 2 and writes nothing when given %s', async (_, args, message) => {
    const before = readdirSync(folder);
    const out = args.includes('--out') ? [] : ['--out', at('wrong.bin')];
    const { code, stdout, stderr } = await run('geo', 'build', ...args, ...out);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('geo show', () => {
  it('prints what the table is, and what it has of addresses', async () => {
    const path = await built('shown.bin');
    const addresses = [
      '192.0.2.10',
      '192.0.2.130',
      '10.0.0.1',
      '203.0.113.70',
      '2001:DB8:1:1::ff',
      '::ffff:192.0.2.64',
    ];
    const { code, stdout, stderr } = await runAt('2026-12-01T12:00:00Z', 'geo', 'show', path, ...addresses);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(path, 'shown.bin')).toMatchInlineSnapshot(`
      "shown.bin: 800 bytes
        data        2026-11-20, 11 days old
        sources     ip2asn.tsv, ip-ranges.json of 2026-11-29
        ranges      7 of IPv4, 4 of IPv6, 6 of AWS
        operators   8
        countries   6; most ranges: US 3, DE 2, FR 2, JP 1, NL 1

        address           country        operator                                         AWS Region  AWS service
        192.0.2.10        DE (registry)  AS64496 MADE-UP-HOSTING Example Hosting GmbH     -           -
        192.0.2.130       -              -                                                -           -
        10.0.0.1          not public     -                                                -           -
        203.0.113.70      US (registry)  AS64511 MADE-UP-AWS Example of a cloud provider  eu-west-1   S3
        2001:db8:1:1::ff  SE (registry)  AS65551 MADE-UP-REGISTRY Example Registry AB     -           -
        ::ffff:c000:240   FR (registry)  AS64497 MADE-UP-TELECOM Example Telecom SA       -           -

        The country is that of the registry or the operator, not where the packets went.
      "
    `);
  });

  it('prints one JSON document', async () => {
    const path = await built('json.bin');
    const { stdout } = await runAt('2026-12-01T12:00:00Z', 'geo', 'show', path, '203.0.113.1', '10.0.0.1', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      file: path,
      date: '2026-11-20',
      ageDays: 11,
      operators: 8,
      countries: 6,
    });
    expect((JSON.parse(stdout) as { addresses: unknown }).addresses).toEqual([
      {
        address: '203.0.113.1',
        public: true,
        country: 'US',
        asn: 64_511,
        asName: 'MADE-UP-AWS Example of a cloud provider',
        awsRegion: 'eu-central-1',
        awsService: 'EC2',
      },
      { address: '10.0.0.1', public: false },
    ]);
  });

  it.each([
    ['2027-01-04T23:59:59Z', ''],
    ['2027-01-05T00:00:00Z', 'the data of 2026-11-20 is 46 days old'],
  ])('warns from the 46th day on: %s', async (time, warning) => {
    const path = await built('old.bin');
    const { code, stderr } = await runAt(time, 'geo', 'show', path);
    expect(code).toBe(0);
    if (warning === '') expect(stderr).toBe('');
    else expect(stderr).toContain(warning);
  });

  it.each([
    ['a missing table', [at('none.bin')], 'none.bin cannot be read: no such file or folder'],
    ['another file', [tsv], 'ip2asn.tsv: the geo table is invalid: it has another format, or is empty; build it again'],
  ])('exits with 2 and one line when given %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run('geo', 'show', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('exits with 2 when a text is not an address', async () => {
    const path = await built('text.bin');
    const { code, stderr } = await run('geo', 'show', path, '192.0.2');
    expect(code).toBe(2);
    expect(stderr).toContain('the address is invalid: got "192.0.2", expected one such as 10.0.1.5 or 2001:db8::1');
  });
});
