import type { DuckDBConnection } from '@duckdb/node-api';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import type { NamedList } from '../../lambda/rules/model.ts';
import type { OwnTable } from './own-tables.ts';
import { trinoFunctions } from './trino-functions.ts';

/** Writes the macros, the networks of the lists, and the tables of the user to the database in memory. */
export async function writeTables(
  connection: DuckDBConnection,
  { lists, tables = [] }: { readonly lists: readonly NamedList[]; readonly tables?: readonly OwnTable[] },
): Promise<void> {
  await connection.run([...trinoFunctions, 'CREATE TABLE named_networks (list VARCHAR, network VARCHAR)'].join('; '));
  const appender = await connection.createAppender('named_networks');
  for (const { name, entries } of lists) {
    for (const network of new Set(entries.map((entry) => unpackEntry(entry).network))) {
      appender.appendVarchar(name);
      appender.appendVarchar(network);
      appender.endRow();
    }
  }
  appender.closeSync();
  await writeOwnTables(connection, tables);
}

/** Writes the tables to the database. The names are words, so that they need no escapes. */
async function writeOwnTables(connection: DuckDBConnection, tables: readonly OwnTable[]): Promise<void> {
  for (const { name, columns, rows } of tables) {
    await connection.run(`CREATE TABLE "${name}" (${columns.map((column) => `"${column}" VARCHAR`).join(', ')})`);
    const appender = await connection.createAppender(name);
    for (const row of rows) {
      for (const value of row) {
        if (value === null) appender.appendNull();
        else appender.appendVarchar(value);
      }
      appender.endRow();
    }
    appender.closeSync();
  }
}
