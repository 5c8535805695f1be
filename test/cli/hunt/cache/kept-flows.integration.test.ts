import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFiles } from '../../../../cli/flow-files/find-files.ts';
import { evict } from '../../../../cli/hunt/cache/cache-folder.ts';
import { FlowDatabase } from '../../../../cli/hunt/flow-database.ts';
import { closeAttached } from '../../../../cli/hunt/load/attached-flows.ts';
import { openFlows } from '../../../../cli/hunt/open-flows.ts';
import { directed, lineOf, v2 } from '../../../support/flows.ts';
import { run } from '../../../support/run-program.ts';
import { rowsOf } from '../database-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-kept-'));
const cache = join(folder, 'cache');
const logs = join(folder, 'logs');
const log = join(logs, 'a.log');
const kept = join(folder, 'flows.duckdb');
vi.stubEnv('FLOW_SENTINEL_HUNT_CACHE', cache);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const header = v2.names.join(' ');
const time = new Date('2026-11-24T10:00:00Z');

/** Writes the log with as many bytes as before, and always the same time of modification. */
function writeLog(bytes: number): void {
  writeFileSync(log, `${header}\n${lineOf({ bytes })}\n`);
  utimesSync(log, time, time);
}

beforeEach(() => {
  for (const path of [cache, logs, kept]) rmSync(path, { recursive: true, force: true });
  mkdirSync(logs);
  writeLog(1111);
});

const sum = (...args: string[]) => run('hunt', 'sql', 'SELECT sum(bytes) AS sum FROM vpc_flow_logs', '--csv', ...args);
const ok = (bytes: number | string, stderr = '') => ({ code: 0, stdout: `sum\n${bytes}\n`, stderr });
const databases = () => (existsSync(cache) ? readdirSync(cache).filter((name) => !name.endsWith('.json')) : []);

describe('the cache of hunt', () => {
  it('uses the database again when the files have the same names, sizes and times', async () => {
    expect(await sum(logs)).toEqual(ok(1111));
    writeLog(2222);
    expect(await sum(logs)).toEqual(ok(1111));
    expect(await sum(log)).toEqual(ok(1111));
    expect(databases()).toHaveLength(1);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  it('loads the flows again with --no-cache', async () => {
    await sum(logs);
    writeLog(2222);
    expect(await sum(logs, '--no-cache')).toEqual(ok(2222));
    expect(databases()).toHaveLength(1);
  });

  it.each([
    ['the time of a file has changed', () => utimesSync(log, time, new Date('2026-11-24T10:00:01Z')), []],
    ['the size of a file has changed', () => writeFileSync(log, `${readFileSync(log, 'utf8')}\n`), []],
    ['a file was added', () => writeFileSync(join(logs, 'b.log'), `${header}\n`), []],
    ['the range is another', () => {}, ['--from', '2026-11-24']],
    ['the formats are others', () => {}, ['--format', header]],
  ])('loads the flows again when %s', async (_, change, options) => {
    await sum(logs);
    writeLog(2222);
    change();
    expect(await sum(logs, ...options)).toEqual(ok(2222));
    expect(databases()).toHaveLength(2);
  });

  it('depends on the monitored networks only when a format has flow-direction', async () => {
    const one = ['--monitored-networks', '10.0.0.0/8'];
    await sum(logs, ...one);
    await sum(logs, '--monitored-networks', '192.0.2.0/24');
    expect(databases()).toHaveLength(1);
    const directedLog = join(folder, 'directed.log');
    const line = lineOf({ version: 5, 'flow-direction': 'ingress' }, directed);
    writeFileSync(directedLog, `${directed.names.join(' ')}\n${line}\n`);
    const leftOut = async (networks: string) =>
      (await run('hunt', 'counters', directedLog, '--csv', '--monitored-networks', networks)).stderr;
    const first = await leftOut('10.0.0.0/8');
    expect(first).toContain('1 flow left out');
    expect(await leftOut('192.0.2.0/24')).toContain('0 flows left out');
    expect(databases()).toHaveLength(3);
    expect(await leftOut('10.0.0.0/8')).toBe(first);
    expect(databases()).toHaveLength(3);
  });

  it('asks the same database with other lists and tables', async () => {
    const table = join(folder, 'assets.csv');
    writeFileSync(table, 'address,owner\n10.0.1.5,web\n');
    const sql = 'SELECT owner FROM vpc_flow_logs JOIN assets ON assets.address = srcaddr';
    await sum(logs);
    const args = [sql, logs, '--table', `assets=${table}`, '--csv'];
    expect(await run('hunt', 'sql', ...args)).toEqual({ code: 0, stdout: 'owner\nweb\n', stderr: '' });
    const networks = join(folder, 'networks.yml');
    writeFileSync(networks, 'office: [10.0.0.0/16]\n');
    const named = ['SELECT network FROM named_networks', logs, '--networks', networks, '--csv'];
    expect(await run('hunt', 'sql', ...named)).toEqual({ code: 0, stdout: 'network\n10.0.0.0/16\n', stderr: '' });
    expect(databases()).toHaveLength(1);
  });

  it.each([
    ['the file of named networks', () => writeFileSync(join(folder, 'networks.yml'), 'office: [10.0.0.0/17]\n')],
    ['a file that a list names', () => writeFileSync(join(folder, 'office.csv'), '10.0.0.0/17\n')],
  ])('uses other networks when %s has changed', async (_, change) => {
    const networks = join(folder, 'networks.yml');
    const of = async () =>
      (await run('hunt', 'sql', 'SELECT network FROM named_networks', logs, '--networks', networks, '--csv')).stdout;
    writeFileSync(networks, 'office:\n  file: office.csv # ours\n');
    writeFileSync(join(folder, 'office.csv'), '10.0.0.0/16\n');
    expect([await of(), await of()]).toEqual(['network\n10.0.0.0/16\n', 'network\n10.0.0.0/16\n']);
    change();
    expect([await of(), await of()]).toEqual(['network\n10.0.0.0/17\n', 'network\n10.0.0.0/17\n']);
  });

  it('prints the same messages when the database is used again', async () => {
    const lines = [lineOf({ action: '-', 'flow-direction': 'egress' }, directed), 'junk'].map((line) => `${line} 1`);
    writeFileSync(join(logs, 'b.log'), `${directed.names.join(' ')} new-field\n${lines.join('\n')}\n`);
    const first = await run('hunt', 'counters', logs, '--days', '1', '--monitored-networks', '10.0.0.0/8');
    expect(first.stderr).toMatch(/left out[\s\S]*unreadable lines: 1[\s\S]*unknown fields[\s\S]*counted 0: no action/);
    expect(await run('hunt', 'counters', logs, '--days', '1', '--monitored-networks', '10.0.0.0/8')).toEqual(first);
    const range = ['--from', '2027-01-01'];
    const empty = await run('hunt', 'counters', logs, ...range);
    expect(empty.stderr).toContain('--from and --to leave no flow');
    expect(await run('hunt', 'counters', logs, ...range)).toEqual(empty);
  });

  it('does not keep a database when a file could not be read completely', async () => {
    writeFileSync(join(logs, 'b.log.gz'), gzipSync(`${header}\n${lineOf({ bytes: 5 })}\n`).subarray(0, -12));
    const { code, stderr } = await sum(logs);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('its gzip is cut off') });
    expect(databases()).toEqual([]);
  });

  it('does not keep a database when the loading was interrupted', async () => {
    const controller = new AbortController();
    const found = await findFiles([logs]);
    const beforeLoad = async () => controller.abort();
    const request = { found, monitoredNetworks: [], timeRange: undefined, beforeLoad };
    await expect(openFlows(request, {}, () => {}, controller.signal)).rejects.toThrow();
    expect(databases()).toEqual([]);
  });

  it('does not keep standard input', async () => {
    const program = join(import.meta.dirname, '../../../../bin/flow-sentinel.js');
    const args = [program, 'hunt', 'sql', 'SELECT sum(bytes) AS sum FROM vpc_flow_logs', '-', '--csv'];
    const options = { input: readFileSync(log), encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, args, options)).toBe('sum\n1111\n');
    expect(databases()).toEqual([]);
  });

  it('replaces a database when it is corrupt', async () => {
    await sum(logs);
    truncateSync(join(cache, databases()[0]!), 5000);
    expect(await sum(logs)).toEqual(ok(1111));
    writeLog(2222);
    expect(await sum(logs)).toEqual(ok(1111));
  });

  it('gives both results when two commands load the same files at once', async () => {
    const ask = async () => {
      const found = await findFiles([logs]);
      const request = { found, monitoredNetworks: [], timeRange: undefined };
      return openFlows(request, {}, () => {}, new AbortController().signal);
    };
    const opened = await Promise.all([ask(), ask(), ask()]);
    expect(opened.map(({ attached }) => attached.load.loaded.flows)).toEqual([1, 1, 1]);
    for (const { attached } of opened) await closeAttached(attached);
    expect(databases()).toHaveLength(1);
  });

  it('reads a database to the end when another process removes it', async () => {
    await sum(logs);
    const found = await findFiles([logs]);
    const request = { found, monitoredNetworks: [], timeRange: undefined };
    const { attached } = await openFlows(request, {}, () => {}, new AbortController().signal);
    const database = await FlowDatabase.open(attached, { lists: [] });
    expect((await run('hunt', 'cache', 'clear')).stdout).toMatch(/^1 database removed, .* freed in /);
    expect(await rowsOf(database, 'SELECT srcaddr, bytes FROM vpc_flow_logs')).toEqual([
      { srcaddr: '10.0.1.5', bytes: 1111n },
    ]);
    await database.close();
    expect(await sum(logs)).toEqual(ok(1111));
  });

  it('loads the flows without a cache when its folder cannot be made', async () => {
    writeFileSync(cache, '');
    const { code, stdout, stderr } = await sum(logs);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'sum\n1111\n' });
    expect(stderr).toMatch(/^flow-sentinel: the flows are not cached: .*\n$/);
  });

  it('removes the databases that were not used for the longest time when there are too many', async () => {
    for (const day of ['2026-11-21', '2026-11-22', '2026-11-23']) await sum(logs, '--from', day);
    const [oldest, middle, latest] = databases().map((name) => join(cache, name));
    utimesSync(oldest!, 1000, 1000);
    utimesSync(middle!, 2000, 2000);
    await evict(statSync(latest!).size + 1);
    expect(databases().map((name) => join(cache, name))).toEqual([latest]);
  });

  it('removes what an ended process has left after a day', async () => {
    await sum(logs);
    const left = join(cache, 'x.duckdb.unfinished-1');
    const present = join(cache, 'x.duckdb.unfinished-2');
    for (const path of [left, present]) writeFileSync(path, 'x');
    utimesSync(left, 1000, 1000);
    await evict();
    expect([existsSync(left), existsSync(present)]).toEqual([false, true]);
  });
});

describe('hunt cache', () => {
  it('lists the databases with their logs', async () => {
    expect((await run('hunt', 'cache', 'list')).stdout).toMatch(/^0 databases, 0 bytes of at most 4.29 GB, in /);
    await sum(logs);
    const { stdout } = await run('hunt', 'cache', 'list');
    expect(stdout).toMatch(/last used\s+size\s+flows\s+logs\n.* kB\s+1\s+.*a\.log\n\n1 database, /);
    const list = JSON.parse((await run('hunt', 'cache', 'list', '--json')).stdout);
    expect(list).toMatchObject({ folder: cache, databases: [{ flows: 1, files: [log] }] });
  });

  it('removes all databases and says how much that frees', async () => {
    await sum(logs);
    const bytes = readdirSync(cache).reduce((all, name) => all + statSync(join(cache, name)).size, 0);
    const { stdout } = await run('hunt', 'cache', 'clear', '--json');
    expect(JSON.parse(stdout)).toEqual({ databases: 1, bytes });
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('hunt --keep', () => {
  const say = (text: string) => `flow-sentinel: ${kept} was ${text}\n`;

  it('creates the file, uses it again, and creates it again when the logs have changed', async () => {
    expect(await sum(logs, '--keep', kept)).toEqual(ok(1111, say('created: 1 flow')));
    expect(await sum(logs, '--keep', kept)).toEqual(ok(1111, say('reused: 1 flow, and the logs have not changed')));
    writeFileSync(log, `${header}\n${lineOf({ bytes: 22 })}\n`);
    const again = say('created again, since the logs or options have changed: 1 flow');
    expect(await sum(logs, '--keep', kept)).toEqual(ok(22, again));
    expect(databases()).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is a database that DuckDB opens', async () => {
    await sum(logs, '--keep', kept);
    const connection = await (await DuckDBInstance.create(kept, { access_mode: 'READ_ONLY' })).connect();
    const rows = await connection.runAndReadAll('SELECT srcaddr, counted, day FROM vpc_flow_logs');
    expect(rows.getRows()).toEqual([['10.0.1.5', true, '2026-11-24']]);
    connection.closeSync();
  });

  it('leaves the file as it is when a file could not be read completely', async () => {
    await sum(logs, '--keep', kept);
    const before = readFileSync(kept);
    writeFileSync(join(logs, 'b.log.gz'), gzipSync(`${header}\n${lineOf({ bytes: 5 })}\n`).subarray(0, -12));
    const { code, stderr } = await sum(logs, '--keep', kept);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(say('not replaced: not all of the logs were read')),
    });
    expect(readFileSync(kept).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each([
    ['text', () => writeFileSync(kept, 'my notes\n')],
    ['empty', () => writeFileSync(kept, '')],
    ['Parquet', () => writeFileSync(kept, 'PAR1PAR1PAR1')],
    [
      'a database of something else',
      async () => {
        const instance = await DuckDBInstance.create(kept);
        const connection = await instance.connect();
        await connection.run('CREATE TABLE mine AS SELECT 1 AS a');
        connection.closeSync();
        instance.closeSync();
      },
    ],
    [
      'cut off',
      async () => {
        await sum(logs, '--keep', kept);
        truncateSync(kept, 5000);
      },
    ],
  ])('exits with 2 and leaves the file as it is when it is %s', async (_, make) => {
    await make();
    const before = readFileSync(kept);
    const { code, stdout, stderr } = await sum(logs, '--keep', kept);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^flow-sentinel: --keep is invalid: .* is not a database of hunt \(.*\); remove the file, or name another one\n$/,
    );
    expect(readFileSync(kept).equals(before)).toBe(true);
  });

  it.each([
    ['a folder', () => [folder], 'is not a database of hunt'],
    ['a file in a missing folder', () => [join(folder, 'no/flows.duckdb')], 'the folder of'],
    ['in a folder of logs', () => [join(logs, 'new.duckdb')], 'a folder of logs; name a file elsewhere'],
  ])('exits with 2 when the file is %s', async (_, args, message) => {
    const { code, stderr } = await sum(logs, '--keep', ...args()).catch((error: unknown) => ({
      code: -1,
      stderr: String(error),
    }));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});

it('exits with 2 when --keep names the only log', async () => {
  const { code, stderr } = await sum(log, '--keep', log);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('is one of the logs and would be lost'),
  });
});

describe('restrictions of queries on a kept database', () => {
  const secret = join(folder, 'secret.csv');

  it.each(['cache', 'keep'])('hold for the database of the %s', async (where) => {
    writeFileSync(secret, 'a,b\n1,2\n');
    const options = where === 'keep' ? ['--keep', kept] : [];
    await sum(logs, ...options);
    const path = where === 'keep' ? kept : join(cache, databases()[0]!);
    const before = readFileSync(path);
    const attempts = [
      'INSERT INTO flows SELECT * FROM flows',
      'INSERT INTO kept.flows SELECT * FROM kept.flows',
      'EXPLAIN ANALYZE INSERT INTO kept.flows SELECT * FROM kept.flows',
      'EXPLAIN ANALYZE DELETE FROM named_networks',
      'EXPLAIN ANALYZE CREATE TEMP TABLE mine AS SELECT 1',
      'EXPLAIN (ANALYZE, FORMAT json) CREATE TEMP TABLE mine AS SELECT 1',
      'UPDATE kept.flow_sentinel_load SET load = NULL',
      'DROP VIEW kept.vpc_flow_logs',
      'CREATE TABLE kept.mine AS SELECT 1',
      'CREATE TABLE memory.mine AS SELECT 1',
      'CREATE TEMP TABLE mine AS SELECT 1',
      'CREATE OR REPLACE MACRO from_unixtime(a) AS 1',
      `ATTACH '${path}' AS other`,
      `ATTACH '${join(folder, 'new.duckdb')}' AS other`,
      "ATTACH ':memory:' AS other",
      'DETACH kept',
      'USE memory',
      `COPY flows TO '${join(folder, 'copy.csv')}'`,
      `COPY (SELECT 1) TO '${join(folder, 'copy.parquet')}' (FORMAT parquet)`,
      `EXPLAIN ANALYZE COPY (SELECT 1) TO '${join(folder, 'copy.csv')}'`,
      `COPY named_networks FROM '${secret}'`,
      `EXPORT DATABASE '${join(folder, 'export')}'`,
      `SELECT * FROM read_csv('${secret}')`,
      `SELECT * FROM '${secret}'`,
      `SELECT * FROM read_text('${secret}')`,
      `SELECT * FROM read_blob('${secret}')`,
      `SELECT * FROM glob('${folder}/*')`,
      "SELECT * FROM read_parquet('s3://bucket/file.parquet')",
      "SELECT * FROM read_csv('https://127.0.0.1/file.csv')",
      'SET enable_external_access = true',
      'RESET enable_external_access',
      'SET GLOBAL lock_configuration = false',
      "SET allowed_directories = ['/']",
      'PRAGMA enable_external_access = true',
      'PRAGMA disable_checkpoint_on_shutdown',
      "PRAGMA profiling_output = '/tmp/x'",
      'CALL force_checkpoint()',
      'CALL enable_logging()',
      'CHECKPOINT kept',
      'FORCE CHECKPOINT kept',
      'VACUUM',
      'INSTALL httpfs',
      'LOAD httpfs',
      'INSTALL httpfs FROM community',
      "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
      'BEGIN TRANSACTION',
      'COMMIT',
      'ROLLBACK',
      'PREPARE one AS SELECT 1',
      'EXECUTE one',
      'SELECT 1; DELETE FROM named_networks',
    ];
    for (const attempt of attempts) {
      const outcome = await run('hunt', 'sql', attempt, logs, ...options);
      expect({ attempt, code: outcome.code, stdout: outcome.stdout.slice(0, 99) }).toEqual({
        attempt,
        code: 2,
        stdout: '',
      });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => /^(?:copy|new|export)/.test(name))).toEqual([]);
  });

  it('still hold after an attempt that failed', async () => {
    await sum(logs);
    const found = await findFiles([logs]);
    const request = { found, monitoredNetworks: [], timeRange: undefined };
    const { attached } = await openFlows(request, {}, () => {}, new AbortController().signal);
    const database = await FlowDatabase.open(attached, { lists: [] });
    const attempts = [
      'EXPLAIN ANALYZE DELETE FROM named_networks',
      'COMMIT',
      'SET lock_configuration = false',
      `SELECT * FROM read_csv('${secret}')`,
      'SELECT * FROM checkpoint()',
      'SELECT * FROM enable_logging()',
      "SELECT * FROM query('DELETE FROM named_networks')",
    ];
    for (const attempt of [...attempts, ...attempts]) await rowsOf(database, attempt).catch(() => []);
    for (const write of ['CREATE TABLE mine AS SELECT 1', 'DELETE FROM named_networks']) {
      await expect(rowsOf(database, write)).rejects.toThrow('expected a reading statement');
    }
    expect(await rowsOf(database, 'SELECT count(*) AS flows FROM vpc_flow_logs')).toEqual([{ flows: 1n }]);
    await database.close();
  });
});
