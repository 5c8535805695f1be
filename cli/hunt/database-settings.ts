import { totalmem } from 'node:os';
import { join } from 'node:path';
import { sqlText } from './duckdb-dialect.ts';

/** What of a machine's memory the database takes; the rest of a query goes to disk. */
const memoryBytes = Math.round(Math.min(totalmem() / 4, 1024 ** 3));

/** How a database is opened. */
export const databaseSettings = {
  memory_limit: `${memoryBytes}B`,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
};

/**
 * The statements after which a query reaches no file but those of its results, no network, and has no way back (DuckDB,
 * "Securing DuckDB").
 *
 * @param folder of the database
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
