import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { directed, epoch, lineOf, v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-hunts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header = v2.names.join(' ');
const logs = join(folder, 'logs');

beforeAll(() => {
  mkdirSync(join(logs, 'later'), { recursive: true });
  const first = [
    lineOf({ srcaddr: '203.0.113.9', dstport: 22, action: 'REJECT', bytes: 40 }),
    ...Array.from({ length: 20 }, (_, n) =>
      lineOf({ srcaddr: '198.51.100.9', srcport: n, action: 'REJECT', bytes: 60 }),
    ),
    lineOf({ dstaddr: '198.51.100.7', bytes: '150000000' }),
    lineOf({ bytes: '9223372036854775807' }),
  ];
  writeFileSync(join(logs, 'a.log.gz'), gzipSync(`${header}\n${first.join('\n')}\n`));
  const second = [
    lineOf({
      start: epoch + 86_400,
      end: epoch + 86_450,
      srcaddr: '198.51.100.7',
      dstaddr: '10.0.1.5',
      srcport: 443,
      dstport: 50_000,
    }),
  ];
  writeFileSync(join(logs, 'later/b.log'), `${header}\n${second.join('\n')}\n`);
});

async function shown(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('hunt', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('hunt list', () => {
  it('lists every hunt', async () => {
    const text = await shown('list');
    for (const { name, description } of hunts) {
      expect(text).toContain(`flow-sentinel hunt ${name} `);
      expect(text).toContain(`\n  ${description}\n`);
    }
  });

  it('prints one JSON document with --json', async () => {
    const list = JSON.parse(await shown('list', '--json')) as { hunts: { name: string; usage: string }[] };
    expect(list.hunts.map(({ name }) => name)).toEqual(hunts.map(({ name }) => name));
    expect(list.hunts.find(({ name }) => name === 'pair')?.usage).toBe('pair A B PATH...');
  });
});

describe('ready hunts', () => {
  it('shows a table for people', async () => {
    expect(await shown('suspicious-ranges', logs)).toMatchInlineSnapshot(`
      "Rejected addresses of the suspicious ranges, with the number of their targets and ports.

        src           network          rejects  targets  ports  first_seen           last_seen
        198.51.100.9  198.51.100.0/24       20        1      1  2026-11-24 09:00:00  2026-11-24 09:00:50
        203.0.113.9   203.0.113.0/24         1        1      1  2026-11-24 09:00:00  2026-11-24 09:00:50

      2 rows from 24 flows, times in UTC.
      "
    `);
    expect(await shown('host', '10.0.1.5', logs)).toMatchInlineSnapshot(`
      "Peers of one host by direction and port, with accepted and rejected traffic.

        direction  peer          port  protocol  flows  rejects          total_bytes  rejected_bytes  first_seen           last_seen
        to         10.0.2.7       443         6      1        0  9223372036854775807               0  2026-11-24 09:00:00  2026-11-24 09:00:50
        to         198.51.100.7   443         6      1        0            150000000               0  2026-11-24 09:00:00  2026-11-24 09:00:50
        from       198.51.100.7   443         6      1        0                 1000               0  2026-11-25 09:00:00  2026-11-25 09:00:50

      3 rows from 24 flows, times in UTC.
      The log format has no pkt-srcaddr and pkt-dstaddr: flows through a NAT gateway also appear as the flows of the gateway.
      1 empty column not shown.
      "
    `);
    expect(await shown('timeline', logs, '--interval', '1d')).toMatchInlineSnapshot(`
      "Flows, rejects, accepted bytes and hosts by interval: shows when an activity started and ended.

        interval_start       flows  rejects          total_bytes  sources  targets
        2026-11-24 00:00:00     23       21  9223372037004775807        3        2
        2026-11-25 00:00:00      1        0                 1000        1        1

      2 rows from 24 flows, times in UTC.
      "
    `);
  });

  it('prints no rows when nothing is found', async () => {
    expect(await shown('pair', '10.9.9.9', '10.9.9.8', logs)).toMatchInlineSnapshot(`
      "Traffic between two hosts in both directions, by port.

      0 rows from 24 flows, times in UTC.
      "
    `);
    expect(await shown('beacons', logs, '--json')).toBe('[]\n');
    expect(await shown('beacons', logs, '--csv')).toBe(
      'src,dst,dstport,calls,mean_interval,variation,total_bytes,first_seen,last_seen,also_seen_at\n',
    );
  });

  it('prints at most --top rows, and a hint that there may be more', async () => {
    expect(await shown('counters', logs, '--top', '1')).toMatchInlineSnapshot(`
      "The counters of pairs, computed again from the flows.

        src       dst               total_bytes  rejects
        10.0.1.5  10.0.2.7  9223372036854775807        0

      1 row from 24 flows, times in UTC.
      There may be more rows: use --top with a number above 1.
      "
    `);
  });

  it('reads a day of flows with --days when the last flow ends after midnight, and sets a wrong clock aside', async () => {
    const file = join(folder, 'past-midnight.log');
    const midnight = epoch + 15 * 3600;
    const ends = [
      midnight - 86_400,
      midnight - 86_300,
      ...Array.from({ length: 200 }, (_, n) => midnight - 1000 + n * 5),
    ];
    const lines = [...ends, midnight + 20, midnight + 400 * 86_400].map((end, srcport) =>
      lineOf({ srcport, start: end - 50, end }),
    );
    writeFileSync(file, `${header}\n${lines.join('\n')}\n`);
    const { code, stdout, stderr } = await run('hunt', 'counters', file, '--days', '1');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'flow-sentinel: 1 flow ends more than 3 days apart from the others; days are those from 2026-11-24 00:00:00 to 2026-11-25 00:00:20 (UTC)\n',
    });
    expect(stdout).toContain('10.0.1.5  10.0.2.7       202000        0\n');
    expect(stdout).toContain('Flows that ended after 2026-11-24 00:00:20, until 2026-11-25 00:00:20.\n');
    const days = await shown('sql', 'SELECT day, count(*) FROM vpc_flow_logs GROUP BY 1 ORDER BY 1', file, '--csv');
    expect(days).toBe('day,count_star()\n2026-11-24,202\n2026-11-25,1\n2027-12-30,1\n');
  });

  it('reads only the last days of the files with --days', async () => {
    const sources = (text: string) => (JSON.parse(text) as { src: string }[]).map(({ src }) => src);
    expect(sources(await shown('top-talkers', logs, '--days', '1', '--json'))).toEqual(['198.51.100.7']);
    expect(sources(await shown('top-talkers', logs, '--days', '2', '--json'))).toHaveLength(4);
    expect(sources(await shown('top-talkers', logs, '--days', '999999999', '--json'))).toHaveLength(4);
  });

  it('compares times in seconds, also of old records in milliseconds', async () => {
    const file = join(folder, 'old.log');
    const at = (seconds: number) => ({ start: (epoch + seconds) * 1000, end: (epoch + seconds) * 1000 + 999 });
    const old = [0, 5, 65].map((seconds) => lineOf({ srcaddr: '203.0.113.9', action: 'REJECT', ...at(seconds) }));
    writeFileSync(file, `${header}\n${old.join('\n')}\n`);
    expect(JSON.parse(await shown('timeline', file, '--interval', '1m', '--json'))).toMatchObject([
      { interval_start: '2026-11-24T09:00:00Z', flows: 2 },
      { interval_start: '2026-11-24T09:01:00Z', flows: 1 },
    ]);
    const networks = join(folder, 'expiring.yml');
    writeFileSync(networks, 'suspicious_ranges:\n  - {network: 203.0.113.0/24, expires: 2026-11-25}\n');
    const rows = JSON.parse(await shown('suspicious-ranges', file, '--networks', networks, '--json'));
    expect(rows).toMatchObject([{ network: '203.0.113.0/24', rejects: 3 }]);
  });

  it('accepts an address in any spelling', async () => {
    const file = join(folder, 'six.log');
    writeFileSync(file, `${header}\n${lineOf({ srcaddr: '2001:db8::1', dstaddr: 'fc00::7' })}\n`);
    expect(await shown('host', '2001:DB8:0::0:1', file, '--csv')).toContain('\nto,fc00::7,443,6,1,0,1000,0,');
  });

  it('uses the named networks of --networks', async () => {
    const networks = join(folder, 'networks.yml');
    writeFileSync(
      networks,
      'suspicious_ranges:\n  - {network: 203.0.113.0/24, expires: 2026-11-23}\n  - 203.0.113.8/31\n',
    );
    const rows = JSON.parse(await shown('suspicious-ranges', logs, '--networks', networks, '--json'));
    expect(rows).toMatchObject([{ src: '203.0.113.9', network: '203.0.113.8/31', rejects: 1 }]);
  });

  it('prints numbers with all digits and times in ISO 8601', async () => {
    const text = await shown('counters', logs, '--json');
    expect(text).toContain('"total_bytes": 9223372036854775807');
    expect(await shown('timeline', logs, '--json')).toContain('"interval_start": "2026-11-24T09:00:00Z"');
  });
});

describe('hunt sql', () => {
  it('shows only columns with a value', async () => {
    const sql = "SELECT * FROM vpc_flow_logs WHERE srcAddr LIKE '203.%'";
    expect(await shown('sql', sql, logs)).toMatchInlineSnapshot(`
      "  version  account_id    interface_id           srcaddr      dstaddr   srcport  dstport  protocol  packets  bytes       start         end  action  log_status  counted  day
              2  123456789012  eni-0a1b2c3d4e5f60718  203.0.113.9  10.0.2.7    50000       22         6       10     40  1795510800  1795510850  REJECT  OK          true     2026-11-24

      1 row from 24 flows, times in UTC.
      60 empty columns not shown.
      "
    `);
  });

  it('shows at most --limit rows, and the number of all rows', async () => {
    const text = await shown(
      'sql',
      'SELECT srcAddr, start FROM vpc_flow_logs ORDER BY end, srcPort',
      logs,
      '--limit',
      '2',
    );
    expect(text).toMatchInlineSnapshot(`
      "  srcaddr            start
        198.51.100.9  1795510800
        198.51.100.9  1795510800

      2 of 24 rows shown: --limit 24 shows all; --csv, --json and --output write all.
      "
    `);
  });

  it('escapes control characters of logs in a table', async () => {
    const sql =
      "SELECT chr(27) || '[31m' || chr(10) || 'x' AS \"a\u001bb\", NULL AS nothing, 'nan'::DOUBLE AS no_number";
    const text = await shown('sql', sql, logs);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('?[31m x');
  });

  it('escapes control characters in CSV only on a terminal', async () => {
    const sql = 'SELECT chr(27) || \'[31m\' AS "a\u001bb"';
    expect(await shown('sql', sql, logs, '--csv')).toBe('a\u001bb\n\u001b[31m\n');
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    try {
      expect(await shown('sql', sql, logs, '--csv')).toBe('a?b\n?[31m\n');
    } finally {
      process.stdout.isTTY = isTTY;
    }
  });

  it('writes values of every kind as JSON and CSV', async () => {
    const sql = `SELECT 170141183460469231731687303715884105727::HUGEINT AS huge, 1.50 AS decimal, 'nan'::DOUBLE AS nan,
      0.25::DOUBLE AS real, NULL AS nothing, true AS yes, [1, 2] AS list, {'a': 1::BIGINT} AS struct, MAP {'k': 'v'} AS map,
      DATE '2026-11-24' AS day, from_unixtime(1.5) AS time, 'say "hi", you' AS text, 1 AS n, 2 AS n`;
    expect(await shown('sql', sql, logs, '--json')).toMatchInlineSnapshot(`
      "[
        {"huge": 170141183460469231731687303715884105727, "decimal": 1.50, "nan": null, "real": 0.25, "nothing": null, "yes": true, "list": [1,2], "struct": {"a":1}, "map": [{"key":"k","value":"v"}], "day": "2026-11-24", "time": "1970-01-01T00:00:01.500Z", "text": "say \\"hi\\", you", "n": 1, "n:1": 2}
      ]
      "
    `);
    expect(await shown('sql', sql, logs, '--csv')).toMatchInlineSnapshot(`
      "huge,decimal,nan,real,nothing,yes,list,struct,map,day,time,text,n,n:1
      170141183460469231731687303715884105727,1.50,NaN,0.25,,true,"[1,2]","{""a"":1}","[{""key"":""k"",""value"":""v""}]",2026-11-24,1970-01-01T00:00:01.500Z,"say ""hi"", you",1,2
      "
    `);
  });

  it.each(['json', 'csv'])('writes the same rows to a file of %s', async (ending) => {
    const sql = 'SELECT srcAddr, count(*) AS flows FROM vpc_flow_logs GROUP BY ALL ORDER BY flows DESC, 1';
    const file = join(folder, `result.${ending}`);
    expect(await shown('sql', sql, logs, '--output', file)).toBe(`4 rows in ${file}\n`);
    expect(readFileSync(file, 'utf8')).toBe(await shown('sql', sql, logs, `--${ending}`));
  });

  it('writes a readable file of Parquet', async () => {
    const file = join(folder, 'result.parquet');
    await shown(
      'sql',
      'SELECT srcAddr, sum(bytes) AS bytes FROM vpc_flow_logs GROUP BY 1 ORDER BY 1 -- all',
      logs,
      '--output',
      file,
    );
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const { rows } = {
      rows: (await connection.runAndReadAll(`SELECT count(*)::INTEGER, min(srcaddr) FROM '${file}'`)).getRows(),
    };
    expect(rows).toEqual([[4, '10.0.1.5']]);
    connection.closeSync();
  });

  it('prints a query plan', async () => {
    expect(await shown('sql', 'EXPLAIN SELECT count(*) FROM vpc_flow_logs', logs)).toContain('┌──');
  });

  it('reads decoded records of replay', async () => {
    const file = join(folder, 'decoded.json');
    writeFileSync(
      file,
      `${JSON.stringify({ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', bytes: 5, start: epoch, end: epoch + 5, action: 'ACCEPT', counted: true })}\n`,
    );
    expect(await shown('sql', 'SELECT srcAddr, bytes, counted FROM vpc_flow_logs', file, '--csv')).toBe(
      'srcaddr,bytes,counted\n10.0.1.5,5,true\n',
    );
  });
});

describe('hunt export', () => {
  it('writes all flows with the columns and types of the lake, which hunt reads again', async () => {
    const file = join(folder, 'export', 'flows.parquet');
    mkdirSync(join(folder, 'export'));
    expect(await shown('export', logs, '--output', file)).toBe(`24 rows in ${file}\n`);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const columns = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
    const types = { int: 'INTEGER', bigint: 'BIGINT', string: 'VARCHAR', boolean: 'BOOLEAN' };
    expect(columns.getRows().map(([name, type]) => [name, type])).toEqual(
      lakeColumns.map(({ name, type }) => [name, types[type]]),
    );
    connection.closeSync();
    const sql = 'SELECT srcAddr, bytes, start, counted, day FROM vpc_flow_logs ORDER BY ALL';
    expect(await shown('sql', sql, file, '--csv')).toBe(await shown('sql', sql, logs, '--csv'));
  });

  it('exits with 2 when the file is missing', async () => {
    const { code, stderr } = await run('hunt', 'export', logs);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("required option '--output <file>'") });
  });
});

describe('invalid usage of hunt', () => {
  it.each([
    ['no path', ['exfiltration'], "missing required argument 'path'"],
    ['an unknown option', ['exfiltration', logs, '--tops', '3'], "unknown option '--tops'"],
    ['an unknown hunt', ['exfiltrate', logs], "unknown command 'exfiltrate'"],
    ['two formats', ['exfiltration', logs, '--json', '--csv'], 'cannot be used with'],
    ['--top of zero', ['exfiltration', logs, '--top', '0'], 'expected a whole number above 0'],
    ['an invalid interval', ['timeline', logs, '--interval', '5x'], 'such as 5m'],
  ])('exits with 2 when the arguments have %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run('hunt', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it.each([
    ['a missing file', ['exfiltration', join(folder, 'nowhere.log')], 'nowhere.log'],
    ['a path as address', ['host', logs, logs], ', expected one such as 10.0.1.5 or 2001:db8::1'],
    ['a missing networks file', ['exfiltration', logs, '--networks', join(folder, 'none.yml')], 'cannot be read'],
    ['an invalid format', ['exfiltration', logs, '--format', 'srcadr'], 'srcadr'],
    [
      'an unknown extension',
      ['exfiltration', logs, '--output', 'rows.xlsx'],
      '--output is invalid: got "rows.xlsx", expected a file with the extension .parquet, .csv or .json',
    ],
    ['a missing folder', ['exfiltration', logs, '--output', join(folder, 'no/rows.csv')], 'cannot be written'],
    [
      'invalid SQL',
      ['sql', 'SELECT * FROM vpc_flow_logs WHRE end > 5', logs],
      'syntax error at or near "end"; line 1, column 34',
    ],
    ['writing SQL', ['sql', 'DROP TABLE flows', logs], 'the query is invalid: got DROP, expected a reading statement'],
    [
      'SQL that fails while it runs',
      ['sql', 'SELECT CAST(srcaddr AS INTEGER) FROM vpc_flow_logs', logs, '--csv'],
      'Could not convert string',
    ],
  ])('exits with 2 and one line when given %s', async (_, args, message) => {
    const { code, stdout, stderr } = await run('hunt', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [
      'office: [10.0.0.0/8]',
      'the list internal_networks, which lateral-movement needs, is missing; give it with --networks FILE',
    ],
    [
      'internal_networks: {s3: s3://my-bucket/internal.csv}',
      'the list internal_networks, which lateral-movement needs, is only in S3; give it with --networks FILE',
    ],
  ])('exits with 2 when the named networks lack the list: %s', async (text, message) => {
    const networks = join(folder, 'few.yml');
    writeFileSync(networks, `${text}\n`);
    const { code, stderr } = await run('hunt', 'lateral-movement', logs, '--networks', networks);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `flow-sentinel: ${message}\n` });
  });

  it('leaves the output file unchanged when a query fails', async () => {
    const place = mkdtempSync(join(folder, 'place-'));
    const file = join(place, 'rows.csv');
    writeFileSync(file, 'before\n');
    const sql = 'SELECT CAST(srcaddr AS INTEGER) FROM vpc_flow_logs';
    const { code } = await run('hunt', 'sql', sql, logs, '--output', file);
    expect(code).toBe(2);
    expect(readdirSync(place)).toEqual(['rows.csv']);
    expect(readFileSync(file, 'utf8')).toBe('before\n');
  });

  it('prints the rows of the other files and exits with 2 when a file cannot be read', async () => {
    const mixed = mkdtempSync(join(folder, 'mixed-'));
    writeFileSync(join(mixed, 'cut.log.gz'), gzipSync(`${header}\n${lineOf()}\n`.repeat(2000)).subarray(0, 100));
    const { code, stdout, stderr } = await run('hunt', 'counters', mixed, join(logs, 'later/b.log'), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toContainEqual({ src: '198.51.100.7', dst: '10.0.1.5', total_bytes: 1000, rejects: 0 });
    expect(stderr).toContain('cut.log.gz');
  });

  it('reads files of several formats together', async () => {
    const place = mkdtempSync(join(folder, 'formats-'));
    writeFileSync(join(place, 'a.log'), `${header}\n${lineOf()}\n`);
    writeFileSync(
      join(place, 'b.log'),
      `${directed.names.join(' ')}\n${lineOf({ version: 5, 'flow-direction': 'ingress' }, directed)}\n`,
    );
    const sql = 'SELECT version, flow-direction, counted FROM vpc_flow_logs ORDER BY version';
    expect(await run('hunt', 'sql', sql, place, '--csv', '--monitored-networks', '10.0.0.0/16')).toMatchObject({
      code: 0,
      stdout: 'version,flow_direction,counted\n2,,true\n5,ingress,false\n',
      stderr: expect.stringContaining('1 flow left out: also logged at another interface') as string,
    });
  });

  it('exits with 2 and one line when a folder is empty', async () => {
    const { code, stdout, stderr } = await run('hunt', 'counters', mkdtempSync(join(folder, 'empty-')));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('reports the number of unreadable lines, and exits with 0', async () => {
    const file = join(folder, 'junk.log');
    writeFileSync(file, `${header}\n${lineOf()}\nwhat is this?\n`);
    const { code, stdout, stderr } = await run(
      'hunt',
      'sql',
      'SELECT unreadable_line FROM unreadable_lines',
      file,
      '--csv',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'unreadable_line\nwhat is this?\n' });
    expect(stderr).toBe('flow-sentinel: unreadable lines: 1; see the table unreadable_lines of hunt sql\n');
  });
});

describe('docs/analyse/hunting.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/analyse/hunting.md'), 'utf8');

  it('lists all hunts', () => {
    for (const { name, parameters } of hunts) {
      const usage = [name, ...parameters.map((parameter) => parameter.name.toUpperCase())].join(' ');
      expect(page).toContain(`| \`${usage}\` |`);
    }
  });

  it('has only queries that run', async () => {
    const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);
    expect(queries.length).toBeGreaterThan(4);
    for (const sql of queries) expect(await shown('sql', sql, logs)).toMatch(/ rows? from 24 flows/);
  });

  it('has only commands that run', async () => {
    const [, commands] = /```sh\n([\s\S]*?)```/.exec(page)!;
    for (const line of commands!.trim().split('\n')) {
      const args = line.replace('npx flow-sentinel hunt ', '').replace('flow-logs/', logs).split(' ');
      expect(await shown(...args)).not.toBe('');
    }
  });
});

describe('help of hunt', () => {
  it.each([
    ['--help'],
    ['host --help'],
    ['sql --help'],
    ['shell --help'],
    ['export --help'],
    ['cache --help'],
    ['timeline --help'],
  ])('prints the help of %s', async (args) => {
    const { stdout } = await run('hunt', ...args.split(' '));
    await expect(stdout).toMatchFileSnapshot(`help/${args.split(' ')[0]!.replace('--help', 'hunt')}.txt`);
  });
});
