import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FlowDatabase } from '../../../cli/hunt/flow-database.ts';
import { plainRows } from '../../../cli/hunt/result-value.ts';
import { athenaQuery, athenaValuesQuery } from '../../../lambda/alert/queries.ts';
import { lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { directed, epoch, formatOf, lineOf, v2 } from '../../support/flows.ts';
import { databaseOf, databaseOfRecords, rowsOf } from './database-of.ts';

/** Queries that people paste, unchanged. */
const pasted = {
  rejected: `SELECT srcAddr, dstAddr, action, bytes, start, end FROM vpc_flow_logs WHERE action = 'REJECT' AND srcAddr LIKE '203.%';`,
  large: `SELECT srcAddr, dstAddr, SUM(bytes) AS total_bytes FROM vpc_flow_logs WHERE action = 'ACCEPT' GROUP BY srcAddr, dstAddr HAVING total_bytes > 100000000;`,
  inside: `SELECT srcAddr, dstAddr, protocol, bytes, start, end FROM vpc_flow_logs WHERE srcAddr LIKE '10.0.%' AND dstAddr LIKE '10.0.%';`,
  failed: `SELECT srcAddr, dstAddr, COUNT(*) AS failed_attempts FROM vpc_flow_logs WHERE action = 'REJECT' GROUP BY srcAddr, dstAddr HAVING failed_attempts > 10;`,
};

let database: FlowDatabase;
beforeAll(async () => {
  database = await databaseOf([
    lineOf({ srcaddr: '203.0.113.9', action: 'REJECT', bytes: 40 }),
    lineOf({ srcaddr: '198.51.100.9', action: 'REJECT', bytes: 40 }),
    ...Array.from({ length: 11 }, () => lineOf({ srcaddr: '192.0.2.9', action: 'REJECT' })),
    lineOf({ bytes: 60_000_000 }),
    lineOf({ bytes: 60_000_000 }),
    lineOf({ dstaddr: '198.51.100.3', bytes: 100_000_000 }),
  ]);
});
afterAll(() => database.close());

const rows = (sql: string) => rowsOf(database, sql);

describe('FlowDatabase.query', () => {
  it('finds rejected sources', async () => {
    expect(await rows(pasted.rejected)).toEqual([
      {
        srcaddr: '203.0.113.9',
        dstaddr: '10.0.2.7',
        action: 'REJECT',
        bytes: 40n,
        start: BigInt(epoch),
        end: BigInt(epoch + 50),
      },
    ]);
  });

  it('adds up the bytes of pairs', async () => {
    expect(await rows(pasted.large)).toEqual([{ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', total_bytes: 120_000_000n }]);
  });

  it('finds traffic within the private networks', async () => {
    const one = { srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', protocol: 6, bytes: 60_000_000n };
    const times = { start: BigInt(epoch), end: BigInt(epoch + 50) };
    expect(await rows(pasted.inside)).toEqual([
      { ...one, ...times },
      { ...one, ...times },
    ]);
  });

  it('counts failed attempts', async () => {
    expect(await rows(pasted.failed)).toEqual([{ srcaddr: '192.0.2.9', dstaddr: '10.0.2.7', failed_attempts: 11n }]);
  });

  it('runs the query of an alert', async () => {
    const key = { srcaddr: '192.0.2.9', dstaddr: '10.0.2.7', dstport: '443' };
    for (const hasTrueEnds of [true, false]) {
      const sql = athenaQuery(key, { from: epoch, to: epoch + 3600 }, hasTrueEnds);
      expect(await rows(sql)).toHaveLength(11);
    }
    expect(await rows(athenaQuery(key, { from: epoch + 51, to: epoch + 3600 }, true))).toEqual([]);
    expect(await rows(athenaQuery(key, { from: epoch + 86_400, to: epoch + 90_000 }, true))).toEqual([]);
  });

  it('counts the flows of each distinct value with the query of an alert', async () => {
    const window = { from: epoch, to: epoch + 3600 };
    const times = { first_end: BigInt(epoch + 50), last_end: BigInt(epoch + 50) };
    const destinations = [
      { destination: '10.0.2.7', flows: 2n, accepted: 2n, ...times },
      { destination: '198.51.100.3', flows: 1n, accepted: 1n, ...times },
    ];
    const values = destinations.map(({ destination }) => destination);
    const key = { srcaddr: '10.0.1.5' };
    for (const distinct of [
      { field: 'dstaddr', values, more: 0 },
      { field: 'dstaddr', values, more: 1 },
    ]) {
      expect(await rows(athenaValuesQuery(key, window, true, distinct, false))).toEqual(destinations);
    }
    const one = { field: 'dstaddr', values: values.slice(1), more: 0 };
    expect(await rows(athenaValuesQuery(key, window, true, one, false))).toEqual(destinations.slice(1));
    const ports = { field: 'dstaddr', also: ['dstport', 'end'], values: [], more: 1 };
    const combinations = await rows(athenaValuesQuery({ srcaddr: '192.0.2.9' }, window, false, ports, false));
    const reject = { flows: 11n, accepted: 0n, ...times };
    expect(combinations).toEqual([{ dstaddr: '10.0.2.7', dstport: 443, end: BigInt(epoch + 50), ...reject }]);
  });

  it('accepts field names of AWS, CASE and aliases', async () => {
    const sql = `
      SELECT account-id, CASE WHEN end > start THEN end - start END AS seconds, 'end' AS word, count(*) AS flows
      FROM vpc_flow_logs AS f WHERE f.log-status = 'OK' /* the end */ GROUP BY ALL -- start`;
    expect(await rows(sql)).toEqual([{ account_id: '123456789012', seconds: 50n, word: 'end', flows: 16n }]);
  });

  it.each(lakeColumns.map(({ name }) => name))(
    'may name %s without quotes, with hyphens and with a table',
    async (name) => {
      const hyphens = name === 'unreadable_line' || name === 'unreadable_reason' ? name : name.replaceAll('_', '-');
      const sql = `SELECT ${name}, f.${hyphens}, max(${hyphens}) OVER () FROM vpc_flow_logs AS f WHERE ${name} IS NOT NULL OR true ORDER BY ${hyphens} LIMIT 1`;
      expect(await rows(sql)).toHaveLength(1);
    },
  );

  it('looks up the networks of the rules, also for IPv6', async () => {
    const sql = `
      SELECT in_network('10.0.1.5', '10.0.0.0/8') AS a, in_network('2001:db8::1', '2001:db8::/32') AS b,
        in_network('2001:db9::1', '2001:db8::/32') AS c, in_network('10.0.1.5', '::/0') AS d, in_network('no', '::/0') AS e,
        network_of('internal_networks', 'fd00::1', 0) AS f, network_of('internal_networks', '2001:db8::1', 0) AS g`;
    expect(await rows(sql)).toEqual([{ a: true, b: true, c: false, d: false, e: null, f: 'fc00::/7', g: null }]);
  });
});

describe('tables of a FlowDatabase', () => {
  it('has the columns of the lake and the day with any formats', async () => {
    const one = await databaseOf(
      [lineOf({ version: 5, 'flow-direction': 'ingress', bytes: '-' }, directed), lineOf({ version: 2 })],
      [directed, v2],
      { arrival: epoch + 86_400 },
    );
    const all = await rowsOf(one, 'SELECT * FROM vpc_flow_logs');
    expect(Object.keys(all[0]!)).toEqual([...lakeColumns.map(({ name }) => name), 'day']);
    expect(all).toMatchObject([
      { version: 5, flow_direction: 'ingress', bytes: null, counted: false, tgw_id: null, day: '2026-11-24' },
      { version: 2, flow_direction: null, bytes: 1000n, counted: true, tgw_id: null, day: '2026-11-24' },
    ]);
    expect(one.range).toEqual({ from: epoch + 50, to: epoch + 50, setAside: 0 });
    await one.close();
  });

  it('has the day of arrival when a flow has no time', async () => {
    const one = await databaseOf(['10.0.1.5 10.0.2.7'], [formatOf('srcaddr dstaddr')], { arrival: epoch + 86_400 });
    expect(await rowsOf(one, 'SELECT day FROM vpc_flow_logs')).toEqual([{ day: '2026-11-25' }]);
    expect(one.range).toBeUndefined();
    await one.close();
  });

  it('has integers of 64 bits, and larger sums, with all digits', async () => {
    const one = await databaseOf([lineOf({ bytes: '9223372036854775807' }), lineOf({ bytes: '9223372036854775807' })]);
    expect(await rowsOf(one, 'SELECT sum(bytes) AS sum FROM vpc_flow_logs')).toEqual([
      { sum: 18_446_744_073_709_551_614n },
    ]);
    await one.close();
  });

  it('has unreadable lines separately, with the reason', async () => {
    const one = await databaseOf(['what is this?', lineOf()]);
    expect({ flows: one.flows, unreadable: one.unreadableLines }).toEqual({ flows: 1, unreadable: 1 });
    expect(await rowsOf(one, 'SELECT * FROM unreadable_lines')).toEqual([
      {
        unreadable_line: 'what is this?',
        unreadable_reason: 'the line has 3 fields, expected 14',
        day: '2026-11-24',
      },
    ]);
    await one.close();
  });

  it('has each line of a record that holds many', async () => {
    const data = gzipSync(
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        logEvents: [lineOf(), 'junk', lineOf()].map((message, id) => ({ id: String(id), timestamp: 0, message })),
      }),
    );
    const one = await databaseOfRecords([{ data, arrival: epoch * 1000 }]);
    expect({ flows: one.flows, unreadable: one.unreadableLines }).toEqual({ flows: 2, unreadable: 1 });
    await one.close();
  });

  it('has texts unchanged', async () => {
    const texts = ['a\0b', '\ud800', '😀', "it's", '"', '\\N', 'NULL', '\u001b[31m', 'x'.repeat(4096)];
    const one = await databaseOf([...texts.map((text) => lineOf({ 'interface-id': text })), 'un\0readable']);
    const ids = await rowsOf(one, 'SELECT interface_id FROM vpc_flow_logs');
    expect(ids.map((row) => row.interface_id)).toEqual(texts.map((text) => (text === '\ud800' ? '\ufffd' : text)));
    expect(await rowsOf(one, 'SELECT unreadable_line FROM unreadable_lines')).toEqual([
      { unreadable_line: 'un\0readable' },
    ]);
    await one.close();
  });

  it('has times in seconds, also of old records in milliseconds', async () => {
    const one = await databaseOf([lineOf({ start: epoch * 1000, end: 9_999_999_999_999 }), lineOf()]);
    const sql = 'SELECT start, from_unixtime(end) AS time FROM vpc_flow_logs';
    expect(await rowsOf(one, sql)).toEqual([
      { start: BigInt(epoch), time: '2286-11-20T17:46:39Z' },
      { start: BigInt(epoch), time: '2026-11-24T09:00:50Z' },
    ]);
    await one.close();
  });

  it('has empty tables without flows', async () => {
    const one = await databaseOf([], [formatOf('srcaddr dstaddr')]);
    expect(await rowsOf(one, pasted.rejected)).toEqual([]);
    expect(one.range).toBeUndefined();
    await one.close();
  });

  it('removes its folder when it is closed', async () => {
    const own = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
    vi.stubEnv('TMPDIR', own);
    try {
      const one = await databaseOf([lineOf()]);
      expect(readdirSync(own)).toHaveLength(1);
      await one.close();
      expect(readdirSync(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(own, { recursive: true });
    }
  });
});

describe('restrictions of a FlowDatabase', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-test-'));
  const file = join(folder, 'secret.csv');
  beforeAll(() => writeFileSync(file, 'a,b\n1,2\n'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['writes', 'DELETE FROM flows'],
    ['explains a statement that writes', 'EXPLAIN ANALYZE DELETE FROM flows'],
    ['makes a table', 'CREATE TABLE mine AS SELECT 1'],
    ['makes a temporary table', 'CREATE TEMP TABLE mine AS SELECT 1'],
    ['copies to a file', "COPY flows TO '/tmp/flows.csv'"],
    ['changes settings', 'SET enable_external_access = true'],
    ['loads an extension', 'INSTALL httpfs'],
    ['opens another database', "ATTACH '/tmp/other.duckdb'"],
    ['reads a file', `SELECT * FROM read_csv('${file}')`],
    ['reads a file by its name', `SELECT * FROM '${file}'`],
    ['reads the text of a file', `SELECT * FROM read_text('${file}')`],
    ['lists files', "SELECT * FROM glob('/etc/*')"],
    ['reads from the network', "SELECT * FROM read_csv('http://127.0.0.1/a.csv')"],
    ['is two statements', 'SELECT 1; SELECT 2'],
    ['is empty', ' -- nothing\n;'],
  ])('rejects a query that %s', async (_, sql) => {
    await expect(rows(sql)).rejects.toMatchObject({ name: 'InputError', message: expect.not.stringContaining('\n') });
    expect(await rows('SELECT count(*) AS flows FROM vpc_flow_logs')).toEqual([{ flows: 16n }]);
  });

  it.each([
    'DESCRIBE vpc_flow_logs',
    'SUMMARIZE vpc_flow_logs',
    'EXPLAIN SELECT 1',
    'FROM vpc_flow_logs',
    'VALUES (1)',
  ])('runs a reading statement: %s', async (sql) => {
    expect((await rows(sql)).length).toBeGreaterThan(0);
  });
});

describe('interruption of a FlowDatabase', () => {
  it('ends a query with an error instead of the end of its rows', async () => {
    const controller = new AbortController();
    const one = await databaseOf([lineOf()], [v2], { signal: controller.signal });
    const sql = 'SELECT * FROM range(1000000)';
    const { chunks } = plainRows(await one.query(sql));
    const read = one.withQueryErrors(sql, async () => {
      for await (const _ of chunks) controller.abort();
    });
    await expect(read).rejects.toThrow('interrupted before the query was complete');
    await one.close();
  });

  it('allows queries when only the loading was interrupted', async () => {
    const controller = new AbortController();
    controller.abort();
    const one = await databaseOf([lineOf()], [v2], { signal: controller.signal });
    expect(await rowsOf(one, 'SELECT count(*) AS flows FROM vpc_flow_logs')).toEqual([{ flows: 1n }]);
    await one.close();
  });
});

describe('texts in a query', () => {
  it('reaches the database as typed when a text has any characters', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));
    const word = fc.constantFrom('end', 'CASE', '--', '/*', '"', "'", ';', 'account-id');
    const any = fc.array(fc.oneof(text, word), { maxLength: 4 }).map((parts) => parts.join(' '));
    await fc.assert(
      fc.asyncProperty(any, async (value) => {
        const quotes = `'${value.replaceAll("'", "''")}'`;
        const sql = `SELECT CASE WHEN true THEN ${quotes} END AS end, $t$${value}$t$ AS "start" -- ${value.replaceAll('\n', ' ')}`;
        expect(await rows(sql)).toEqual([{ end: value, start: value }]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('invalid queries', () => {
  it.each([
    [
      'SELECT * FROM vpc_flow_logs WHRE a',
      'the query failed: syntax error at or near "a"; line 1, column 34: ...ECT * FROM vpc_flow_logs WHRE >>>a',
    ],
    [
      'SELECT start, end, srcadr FROM vpc_flow_logs',
      'Referenced column "srcadr" not found in FROM clause; Candidate bindings: "srcaddr", "srcport", "pkt_srcaddr", "dstaddr", "tgw_src_az_id"; line 1, column 20: SELECT start, end, >>>srcadr FROM vpc_flow...',
    ],
    [
      "SELECT 'é€😀',\n end,\n  nothing(1) FROM vpc_flow_logs",
      "line 3, column 3: SELECT 'é€😀', end, >>>nothing(1) FROM vpc_...",
    ],
    [
      "SELECT count(*) FROM vpc_flow_logs WHERE network_of('nolist', srcaddr, start) IS NULL",
      'network_of: the list is unknown: got nolist, expected one of ',
    ],
    ["SELECT count(*) FROM vpc_flow_logs WHERE in_network(srcaddr, 'nonsense')", 'in_network: '],
    ["SELECT 'open", 'unterminated quoted string'],
    ['SELECT * FROM flow_logs', 'Table with name flow_logs does not exist'],
    ['SELECT CAST(srcaddr AS int) FROM vpc_flow_logs', 'Could not convert string'],
  ])('rejects an invalid query with one line and the typed position: %s', async (sql, expected) => {
    await expect(rows(sql)).rejects.toThrow(expected);
  });
});
