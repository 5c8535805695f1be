import { totalmem } from 'node:os';
import { join } from 'node:path';
import { sqlText } from './duckdb-dialect.ts';

/** The memory limit of the database; the rest of a query is spilled to disk. */
const memoryBytes = Math.round(Math.min(totalmem() / 4, 1024 ** 3));

/** The settings for opening a database. */
export const databaseSettings = {
  memory_limit: `${memoryBytes}B`,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
};

/**
 * Returns the statements that lock a database down: queries then reach only their result files and no network, and
 * cannot undo this (DuckDB, "Securing DuckDB").
 *
 * @param folder the folder of the database
 */
export function lockDownStatements(folder: string): string[] {
  return [
    "SET TimeZone = 'UTC'",
    'SET errors_as_json = true',
    `SET temp_directory = ${sqlText(join(folder, 'temporary'))}`,
    `SET allowed_directories = [${sqlText(join(folder, 'result'))}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}
