import type { DuckDBConnection } from '@duckdb/node-api';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import type { NamedList } from '../../lambda/rules/model.ts';
import { type OwnTable, writeOwnTables } from './own-tables.ts';
import { trinoFunctions } from './trino-functions.ts';

/** Writes the macros, the networks of the lists, and the tables of the user to the database in memory. */
export async function writeTables(
  connection: DuckDBConnection,
  { lists, tables = [] }: { readonly lists: readonly NamedList[]; readonly tables?: readonly OwnTable[] },
): Promise<void> {
  for (const macro of trinoFunctions) await connection.run(macro);
  await connection.run('CREATE TABLE named_networks (list VARCHAR, network VARCHAR)');
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
