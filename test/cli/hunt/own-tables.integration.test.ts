import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOwnTableFile } from '../../../cli/hunt/own-table-file.ts';
import { described } from '../../support/describe-answers.ts';
import { resolverLine } from '../../support/dns-queries.ts';
import { lineOf, v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { byTier } from '../../support/tier.ts';
import { writeLog } from '../replay/flow-logs.ts';

const folder = temporaryFolder();
const logs = writeLog(folder, 'flows.log', [
  v2.names.join(' '),
  lineOf({ srcaddr: '10.0.1.5', bytes: 100 }),
  lineOf({ srcaddr: '10.0.1.6', bytes: 20 }),
  lineOf({ srcaddr: '2001:db8::1', dstaddr: 'fc00::7', bytes: 3 }),
  lineOf({ srcaddr: '203.0.113.9', bytes: 4000 }),
]);

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const device = join(folder, 'device.csv');
symlinkSync('/dev/zero', device);

const byOwner = `SELECT owner, SUM(bytes)::BIGINT AS total FROM vpc_flow_logs
  LEFT JOIN assets ON assets.network = network_of('assets', srcAddr, start) GROUP BY owner ORDER BY total DESC`;

function sql(query: string, ...tables: string[]) {
  return run('hunt', 'sql', query, logs, ...tables.flatMap((table) => ['--table', table]), '--csv');
}

const assets = 'network,owner\n10.0.0.0/16,office\n10.0.1.5,finance\n2001:DB8:0::/48,lab\n';
const expected = 'owner,total\n,4000\nfinance,100\noffice,20\nlab,3\n';

describe('hunt sql --table', () => {
  it('joins flows to the smallest network of a CSV file', async () => {
    expect(await sql(byOwner, `assets=${write('assets.csv', assets)}`)).toEqual({
      code: 0,
      stdout: expected,
      stderr: '',
    });
  });

  it.each([
    ['semicolons, a byte order mark and CRLF', `\ufeff${assets.replaceAll(',', ';').replaceAll('\n', '\r\n')}`],
    ['tabs and blank lines', assets.replaceAll(',', '\t').replaceAll('\n', '\n\n')],
    ['quotes and blanks', 'network,"Owner"\n 10.0.0.0/16 ,"office"\n"10.0.1.5", finance\n2001:db8::/48,"lab"\n'],
  ])('reads CSV with %s', async (_, text) => {
    expect(await sql(byOwner, `assets=${write('other.csv', text)}`)).toMatchObject({ code: 0, stdout: expected });
  });

  it('reads JSON, an object a line or an array, with all digits of numbers', async () => {
    const rows = [
      '{"network": "10.0.0.0/16", "owner": "office", "id": 12345678901234567890}',
      '{"owner": "finance", "network": "10.0.1.5", "tags": {"a": [1, null]}}',
      '{"network": "2001:db8::/48", "owner": "lab", "id": null, "tags": ""}',
    ];
    const lines = write('assets.jsonl', `${rows.join('\n')}\n`);
    const array = write('assets.json', `[${rows.join(',\n')}]`);
    for (const file of [lines, array]) {
      expect(await sql(byOwner, `assets=${file}`)).toMatchObject({ code: 0, stdout: expected });
      const all = await sql('SELECT id, tags FROM assets ORDER BY owner', `assets=${file}`);
      expect(all.stdout).toBe('id,tags\n,"{""a"":[""1"",null]}"\n,\n12345678901234567890,\n');
    }
  });

  it('reads Parquet', async () => {
    const path = join(folder, 'assets.parquet');
    const csv = write('for-parquet.csv', assets);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(
      `COPY (SELECT *, 5 AS "Cost (EUR)" FROM read_csv('${csv}', header = true)) TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    expect(await sql(byOwner, `assets=${path}`)).toMatchObject({ code: 0, stdout: expected });
    expect((await sql('SELECT DISTINCT cost_eur FROM assets', `assets=${path}`)).stdout).toBe('cost_eur\n5\n');
  });

  it('joins several tables by address', async () => {
    const hosts = write('hosts.csv', 'address,owner_id\n10.0.1.5,7\n10.0.1.6,8\n');
    const owners = write('owners.csv', 'id,name\n7,ann\n8,ben\n');
    const query = `SELECT name, bytes FROM vpc_flow_logs JOIN hosts ON hosts.address = srcAddr
      JOIN owners ON owners.id = owner_id ORDER BY name`;
    expect((await sql(query, `hosts=${hosts}`, `Owners=${owners}`)).stdout).toBe('name,bytes\nann,100\nben,20\n');
  });

  it('warns of values that network_of leaves out, and of networks that repeat flows', async () => {
    const file = write('odd.csv', 'cidr,owner\n10.0.1.5/8,a\n10.0.0.0/16,b\nprinter,c\n10.0.0.0/16,d\n,e\n');
    const query = "SELECT count(*) AS flows FROM vpc_flow_logs JOIN odd ON cidr = network_of('odd', srcAddr, start)";
    expect(await sql(query, `odd=${file}`)).toEqual({
      code: 0,
      stdout: 'flows\n4\n',
      stderr:
        'flow-sentinel: --table odd: network_of leaves out 2 values of the column cidr: "10.0.1.5/8" has bits set after its prefix, expected 10.0.0.0/8\n' +
        'flow-sentinel: --table odd: 10.0.0.0/16 is there more than once in the column cidr: a join repeats its flows\n',
    });
  });

  it('takes texts as they are when they look like formulas, SQL or paths', async () => {
    const file = write('texts.csv', `a,b\n=cmd|'/c calc'!A1,'; DROP TABLE flows; --\n/etc/passwd,"say ""hi"", you"\n`);
    expect((await sql('SELECT * FROM texts', `texts=${file}`)).stdout).toBe(
      `a,b\n=cmd|'/c calc'!A1,'; DROP TABLE flows; --\n/etc/passwd,"say ""hi"", you"\n`,
    );
  });

  it('leaves files unreachable for the query', async () => {
    const file = write('reachable.csv', assets);
    for (const query of [
      `SELECT * FROM '${file}'`,
      `SELECT * FROM read_csv('${file}')`,
      `SELECT * FROM read_text('${file}')`,
    ]) {
      const { code, stdout, stderr } = await sql(query, `assets=${file}`);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('got a file in it');
    }
  });

  it('refuses to replace the file of a table', async () => {
    const file = write('mine.csv', assets);
    const link = join(folder, 'link.csv');
    symlinkSync(file, link);
    const { code, stderr } = await run('hunt', 'sql', 'SELECT 1', logs, '--table', `assets=${file}`, '--output', link);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `flow-sentinel: ${link} is one of the tables and would be lost, name another file\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe(assets);
  });

  it.each([
    ['no name', 'assets.csv', 'expected a name of letters, digits and _, and a file, such as assets=assets.csv'],
    ['SQL as a name', 'a; DROP TABLE flows=assets.csv', 'expected a name of letters, digits and _'],
    ['the name of the flows', 'VPC_Flow_Logs=assets.csv', 'the name vpc_flow_logs is taken; choose another name'],
    ['the name of a list', 'internal_networks=assets.csv', 'the name internal_networks is taken'],
    ['an object of a bucket', 'a=s3://bucket/assets.csv', 'an object of a bucket is not supported; download it first'],
    ['another kind of file', 'a=assets.xlsx', 'the kind of file is not supported, expected .csv, .json'],
    ['a missing file', `a=${folder}/none.csv`, 'no such file or folder'],
    ['a device', `a=${device}`, 'got a folder, device or pipe, expected a file'],
  ])('exits with 2 and one line when --table has %s', async (_, table, message) => {
    const { code, stdout, stderr } = await sql('SELECT 1', table);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    ['empty.csv', '', 'the file is empty, expected a header such as address,owner'],
    ['short.csv', 'a,b\n1,2\n3\n', 'line 3 has 1 value, expected 2 as in the header'],
    ['long.csv', 'a,b\n1,2,3\n', 'line 2 has 3 values, expected 2 as in the header'],
    ['quote.csv', 'a,b\n1,"2\n3,4\n', 'line 2 has a quote without an end'],
    ['huge.csv', `a,b\n1,"${'x'.repeat(5_000_000)}"\n`, 'line 2 has 5000004 characters, expected at most 100000'],
    ['binary.csv', Buffer.from([0xff, 0xfe, 0x00, 0x41]), 'the text is not UTF-8; save it as UTF-8'],
    ['nameless.csv', 'a,,c\n1,2,3\n', 'column 2 has no name of letters or digits in the header'],
    ['twice.csv', 'Owner Name,owner-name\n1,2\n', 'two columns have the name owner_name; rename one of them'],
    ['wide.csv', `${Array.from({ length: 201 }, (_, n) => `c${n}`).join()}\n`, 'got 201 columns, expected at most 200'],
    [
      'unlike.jsonl',
      Array.from({ length: 100_000 }, (_, n) => `{"k${n}":1}`).join('\n'),
      'got 201 columns, expected at most 200',
    ],
    ['large.csv', Buffer.alloc(32 * 1024 * 1024 + 1, 'a\n'), 'got 33554433 bytes, expected at most 33554432'],
    ['rows.csv', `a\n${'1\n'.repeat(1_000_001)}`, 'got more than 1000000 rows'],
    ['cut.jsonl', '{"a":1}\n{"a":\n', 'the JSON is invalid in line 2'],
    ['numbers.json', '[1]', 'element 1 is not an object'],
    ['cut.json', '[{"a":1},', 'the JSON is invalid, expected an array of objects'],
    ['empty.json', '[]', 'the file has no columns'],
    ['text.parquet', 'a,b\n1,2\n', 'the file is not Parquet'],
    ['cut.parquet', 'PAR1'.padEnd(100, 'x'), 'No magic bytes found at end of the file'],
  ])('says what is wrong with %s', async (name, content, message) => {
    const path = write(name, content);
    const { code, stderr } = await sql('SELECT 1', `t=${path}`);
    expect(code).toBe(2);
    expect(stderr).toContain(`flow-sentinel: --table t is invalid: ${path}: `);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(['pipe.csv', 'pipe.parquet'])('refuses the pipe %s without waiting for its writer', async (name) => {
    execFileSync('mkfifo', [join(folder, name)]);
    expect((await sql('SELECT 1', `t=${join(folder, name)}`)).stderr).toContain(
      'got a folder, device or pipe, expected a file',
    );
  });

  it.each([
    ['line ends of CR alone', 'a;b\r1;2\r'],
    ['empty lines before its header', '\n \na;b\n1;2\n'],
  ])('reads CSV with %s', async (_, content) => {
    await expect(readOwnTableFile(write('line-ends.csv', content))).resolves.toEqual({
      columns: ['a', 'b'],
      rows: [['1', '2']],
    });
  });

  it('says that a folder is not a file', async () => {
    mkdirSync(join(folder, 'folder.csv'));
    expect((await sql('SELECT 1', `t=${join(folder, 'folder.csv')}`)).stderr).toContain(
      'got a folder, device or pipe, expected a file',
    );
  });

  it('reads back any texts of CSV and JSON', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ' ').trim());
    const table = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join());
        const objects = rows.map(([a, b]) => JSON.stringify({ a, b }));
        const expectedRows = rows.map((row) => row.map((text) => (text === '' ? null : text)));
        const csv = await readOwnTableFile(write('any.csv', `a,b\n${quoted.join('\n')}\n`));
        const json = await readOwnTableFile(write('any.jsonl', objects.join('\n')));
        expect(csv).toEqual({ columns: ['a', 'b'], rows: expectedRows });
        expect(json).toEqual({ columns: ['a', 'b'], rows: expectedRows });
      }),
      { numRuns: byTier(50, 500) },
    );
  });
});

describe('hunt sql --names', () => {
  const interfaces = (...all: Record<string, unknown>[]) =>
    write('interfaces.json', JSON.stringify({ NetworkInterfaces: all.map(described) }));
  const byName = `SELECT n.name, n.kind, SUM(bytes)::BIGINT AS total FROM vpc_flow_logs JOIN names n ON n.address = srcAddr
    GROUP BY ALL ORDER BY total DESC`;

  it('joins flows to who has their addresses', async () => {
    const names = interfaces({ TagSet: [{ Key: 'Name', Value: `web'; DROP TABLE names--` }] });
    expect(await run('hunt', 'sql', byName, logs, '--names', names, '--csv')).toEqual({
      code: 0,
      stdout: "name,kind,total\nweb'; DROP TABLE names--,network interface,100\n",
      stderr: '',
    });
  });

  it('warns when several interfaces have an address', async () => {
    const names = interfaces({}, { NetworkInterfaceId: 'eni-0b', VpcId: 'vpc-0b' });
    const { code, stderr } = await run('hunt', 'sql', 'SELECT COUNT(*) FROM names', logs, '--names', names);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'flow-sentinel: --names: several interfaces have 10.0.1.5: compare vpc_id too, or a join repeats its flows\n',
    });
  });

  it('refuses a table of the user with the same name', async () => {
    const table = `names=${write('assets.csv', assets)}`;
    const { code, stderr } = await run('hunt', 'sql', 'SELECT 1', logs, '--names', interfaces({}), '--table', table);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'flow-sentinel: --table is invalid: the name names is taken; choose another name\n',
    });
  });
});

describe('hunt sql --dns', () => {
  it('joins flows to the names that their hosts asked for', async () => {
    const answers = [
      { Rdata: 'edge.example.net.', Type: 'CNAME', Class: 'IN' },
      { Rdata: '10.0.2.7', Type: 'A', Class: 'IN' },
      { Rdata: '2001:db8::9', Type: 'AAAA', Class: 'IN' },
    ];
    const log = write('dns.log', resolverLine({ answers, query_name: `o'neil.example.` }));
    const joined = `SELECT d.*, SUM(bytes)::BIGINT AS total FROM vpc_flow_logs JOIN dns d ON d.srcaddr = vpc_flow_logs.srcaddr
      AND d.address = dstaddr AND CAST(d.time AS BIGINT) BETWEEN "end" - 86400 AND "end" GROUP BY ALL`;
    expect(await run('hunt', 'sql', joined, logs, '--dns', log, '--csv')).toEqual({
      code: 0,
      stdout: `time,srcaddr,vpc_id,name,type,address,total\n1795510800,10.0.1.5,vpc-0a,o?neil.example,A,10.0.2.7,100\n`,
      stderr: '',
    });
    const types = await run('hunt', 'sql', 'SELECT type, address FROM dns ORDER BY 1', logs, '--dns', log, '--csv');
    expect(types.stdout).toBe('type,address\nA,10.0.2.7\nAAAA,2001:db8::9\n');
  });
});

describe('hunt sql --geo', () => {
  const built = async () => {
    const path = join(folder, 'geo.bin');
    const source = write('ip2asn.tsv', '203.0.113.0\t203.0.113.255\t64511\tUS\tMADE-UP "Example"\n');
    const day = new Date().toISOString().slice(0, 10);
    expect(await run('geo', 'build', '--from', source, '--out', path, '--date', day)).toMatchObject({ code: 0 });
    return path;
  };
  const query = `SELECT country_of(srcAddr) AS country, asn_of(srcAddr) AS asn, as_name_of(srcAddr) AS name,
    aws_region_of(srcAddr) AS region, SUM(bytes)::BIGINT AS total FROM vpc_flow_logs GROUP BY ALL ORDER BY total DESC`;

  it('says where addresses lead', async () => {
    expect(await run('hunt', 'sql', query, logs, '--geo', await built(), '--csv')).toEqual({
      code: 0,
      stdout: 'country,asn,name,region,total\nUS,64511,"MADE-UP ""Example""",,4000\n,,,,123\n',
      stderr: '',
    });
  });

  it('is an error when no table is given', async () => {
    const { code, stderr } = await run('hunt', 'sql', query, logs, '--csv');
    expect(code).toBe(2);
    expect(stderr).toMatch(/\w+_of needs a table of regions: give the file of geo build by --geo/);
  });
});
