import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import type { Input } from './reader.ts';

/** A column as DuckDB sees it. */
export interface Column {
  readonly name: string;
  /** In DuckDB's words, such as BIGINT. */
  readonly type: string;
  /** Whether the file says of it that no row has a value. */
  readonly isEmpty: boolean;
}

/** What the file says of itself. */
export interface ParquetColumns {
  readonly columns: readonly Column[];
  readonly rows: number;
}

let shared: Promise<DuckDBInstance> | undefined;

/**
 * One for all files. It reads local files only: whatever a file or a path says, no extension is fetched or loaded. One
 * thread keeps the order of rows and what is held of a file small.
 */
function duckDb(): Promise<DuckDBInstance> {
  shared ??= import('@duckdb/node-api').then(({ DuckDBInstance }) =>
    DuckDBInstance.create(':memory:', {
      threads: '1',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    }),
  );
  return shared;
}

async function connected<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await (await duckDb()).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** Reads what a Parquet file says of its columns. Rejects with what DuckDB says. */
export function parquetColumns(path: string): Promise<ParquetColumns> {
  return connected(async (connection) => {
    const none = await connection.runAndReadAll(`SELECT * FROM ${source} LIMIT 0`, [path]);
    const said = await connection.runAndReadAll(
      `SELECT path_in_schema, bool_and(coalesce(stats_null_count = num_values, false)), sum(row_group_num_rows)::DOUBLE
       FROM parquet_metadata($1) GROUP BY 1`,
      [path],
    );
    const empty = new Map(said.getRows().map(([name, isEmpty]) => [String(name), isEmpty === true]));
    const types = none.columnTypes();
    return {
      columns: none.columnNames().map((name, index) => ({
        name,
        type: String(types[index]),
        isEmpty: empty.get(name) ?? false,
      })),
      rows: Math.max(0, ...said.getRows().map(([, , rows]) => Number(rows))),
    };
  });
}

/** Folders named like `day=2026-11-24` are no columns. */
const source = 'read_parquet($1, hive_partitioning = false)';

/** The rows of a Parquet file, in their order and by some 2,000 at once. Rejects with what DuckDB says. */
export async function* parquetRows(path: string, expressions: readonly string[]): AsyncGenerator<DuckDBValue[][]> {
  const connection = await (await duckDb()).connect();
  try {
    const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${source}`, [path]);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      yield chunk.getRows();
    }
  } finally {
    connection.closeSync();
  }
}

/**
 * Gives the path of a file that is as it is on this machine; of any other, that of a copy, which goes when the work ends.
 * DuckDB takes a path for a pattern of paths, so one that could be a pattern is linked to.
 */
export async function* withLocalPath<T>(
  { file, chunks }: Input,
  work: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const isThere = file.path !== undefined && (await startsAsParquet(file.open(parquetMagic.length)));
  if (isThere && !/[*?[\]{}\\]/.test(file.path)) {
    yield* work(file.path);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'flow-sentinel-parquet-'));
  try {
    const path = join(folder, 'flows.parquet');
    if (isThere) await symlink(file.path, path);
    else await pipeline(chunks(), createWriteStream(path));
    yield* work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a Parquet file begins with (Apache Parquet, "File format"). */
export const parquetMagic = Buffer.from('PAR1');

async function startsAsParquet(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const chunk of chunks) return chunk.equals(parquetMagic);
  return false;
}
