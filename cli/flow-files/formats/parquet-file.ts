import { createWriteStream } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { createTemporaryFolder } from '../../terminal/temporary-files.ts';
import { parquetMagic } from './parquet-magic.ts';
import type { Input } from './reader.ts';

/** A column of a Parquet file. */
export interface Column {
  readonly name: string;
  /** DuckDB's name of the type, such as BIGINT. */
  readonly type: string;
  /** Whether no row has a value, by the statistics of the file. */
  readonly isEmpty: boolean;
}

/** The columns and the number of rows of a Parquet file, from its metadata. */
export interface ParquetColumns {
  readonly columns: readonly Column[];
  readonly rows: number;
}

let shared: Promise<DuckDBInstance> | undefined;

/**
 * Returns the DuckDB instance for all files. It reads only local files, and never downloads or loads an extension. One
 * thread keeps the order of rows and the memory of a file small.
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

async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await (await duckDb()).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** Reads the columns of a Parquet file. Rejects with the error of DuckDB. */
export function parquetColumns(path: string): Promise<ParquetColumns> {
  return withConnection(async (connection) => {
    const noRows = await connection.runAndReadAll(`SELECT * FROM ${source} LIMIT 0`, [path]);
    const metadata = await connection.runAndReadAll(
      `SELECT path_in_schema, bool_and(coalesce(stats_null_count = num_values, false)), sum(row_group_num_rows)::DOUBLE
       FROM parquet_metadata($1) GROUP BY 1`,
      [path],
    );
    const empty = new Map(metadata.getRows().map(([name, isEmpty]) => [String(name), isEmpty === true]));
    const types = noRows.columnTypes();
    return {
      columns: noRows.columnNames().map((name, index) => ({
        name,
        type: String(types[index]),
        isEmpty: empty.get(name) ?? false,
      })),
      rows: Math.max(0, ...metadata.getRows().map(([, , rows]) => Number(rows))),
    };
  });
}

/** The table function of a file; folders named like `day=2026-11-24` do not become columns. */
const source = 'read_parquet($1, hive_partitioning = false)';

/** Yields the rows of a Parquet file in their order, about 2,000 at once. Rejects with the error of DuckDB. */
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
 * Runs the work with the path of an uncompressed local file, or else with the path of a temporary copy. DuckDB takes a
 * path as a pattern, so a path with pattern characters is replaced by a link.
 */
export async function* withLocalPath<T>(
  { file, chunks }: Input,
  work: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const isLocal = file.path !== undefined && (await startsAsParquet(file.open(parquetMagic.length)));
  if (isLocal && !/[*?[\]{}\\]/.test(file.path)) {
    yield* work(file.path);
    return;
  }
  const folder = createTemporaryFolder('parquet');
  try {
    const path = join(folder, 'flows.parquet');
    if (isLocal) await symlink(file.path, path);
    else await pipeline(chunks(), createWriteStream(path));
    yield* work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startsAsParquet(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const chunk of chunks) return chunk.equals(parquetMagic);
  return false;
}
