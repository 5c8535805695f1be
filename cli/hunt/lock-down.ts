import { join } from 'node:path';
import { sqlText } from './load/sql-text.ts';

/**
 * Returns the statements that lock a database down: queries then reach only their result files and no network, and
 * cannot undo this (DuckDB, "Securing DuckDB"). DuckDB also lets them read the bytes of the attached database, whose
 * content they can query anyway.
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
