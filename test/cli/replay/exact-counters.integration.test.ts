import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { readQuantities } from '../../../lambda/common/quantity.ts';
import { v2 } from '../../support/flows.ts';
import { run } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { randomLines, writeLog } from './flow-logs.ts';

const folder = temporaryFolder();

interface Pair {
  readonly src: string;
  readonly dst: string;
  readonly bytes: number | bigint;
  readonly rejects: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

async function replayedPairs(paths: readonly string[]): Promise<Pair[]> {
  const { code, stdout, stderr } = await run('replay', '--json', ...paths);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => { pairs: Pair[] };
  return parse(stdout, readQuantities).pairs;
}

/** Counts the files with SQL, as the documentation defines the counters. */
async function expectedPairs(paths: readonly string[]): Promise<Pair[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const columns = v2.names.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const reader = await connection.runAndReadAll(`
    WITH flows AS (
      SELECT * FROM read_csv([${paths.map((path) => `'${path}'`).join(', ')}],
        delim = ' ', header = false, quote = '', columns = {${columns}})
    ), counted AS (
      SELECT * FROM flows
      WHERE srcaddr <> '-' AND dstaddr <> '-' AND ("action" = 'REJECT' OR ("action" = 'ACCEPT' AND bytes <> '-'))
    )
    SELECT srcaddr, dstaddr,
      coalesce(sum(CASE WHEN "action" = 'ACCEPT' THEN bytes::HUGEINT END), 0)::VARCHAR AS bytes,
      count(*) FILTER ("action" = 'REJECT') AS rejects,
      min(start::BIGINT) AS first_seen, max("end"::BIGINT) AS last_seen
    FROM counted GROUP BY ALL`);
  const pairs = reader.getRowObjects().map((row): Pair => {
    const bytes = BigInt(row.bytes as string);
    return {
      src: row.srcaddr as string,
      dst: row.dstaddr as string,
      bytes: bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : bytes,
      rejects: Number(row.rejects),
      firstSeen: Number(row.first_seen),
      lastSeen: Number(row.last_seen),
    };
  });
  connection.closeSync();
  return pairs;
}

const byName = (a: Pair, b: Pair) => (`${a.src} ${a.dst}` < `${b.src} ${b.dst}` ? -1 : 1);

describe('the counters of replay', () => {
  it.each([1, 2, 3, 4])('equal the counters of DuckDB for the same files, seed %i', async (seed) => {
    const lines = randomLines(seed, 4000);
    const paths = [
      writeLog(folder, `${seed}/a.log.gz`, lines.slice(0, 1500)),
      writeLog(folder, `${seed}/b.log`, lines.slice(1500, 1501)),
      // Two files of the same period, as two interfaces write them.
      writeLog(
        folder,
        `${seed}/c.log`,
        lines.slice(1501).filter((_, n) => n % 3 === 0),
      ),
      writeLog(
        folder,
        `${seed}/d.log.gz`,
        lines.slice(1501).filter((_, n) => n % 3 !== 0),
      ),
    ];
    const pairs = await replayedPairs(paths);
    expect(pairs.length).toBeGreaterThan(40);
    expect(pairs.some(({ bytes }) => typeof bytes === 'bigint')).toBe(true);
    expect(pairs.toSorted(byName)).toEqual((await expectedPairs(paths)).toSorted(byName));
  });
});
