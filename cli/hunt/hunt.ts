import type { Hunt } from '../../lib/queries/hunts/hunt.ts';
import type { MonitoredNetworkOptions } from '../monitored-networks/monitored-networks.ts';
import { readNetworks } from './cache/networks.ts';
import { FlowDatabase, type SessionTables } from './flow-database.ts';
import { type OutputOptions, openOutput, type Query } from './hunt-output.ts';
import { checkList, type NamedQueryOptions, namedQuery } from './named-query.ts';
import {
  type DatabaseOptions,
  openDatabase,
  printError,
  type QueryContext,
  reportIncomplete,
  reportLeftOut,
} from './open-database.ts';
import { readSession, type SessionOptions } from './read-session.ts';

/** The options of every hunt. */
export interface HuntOptions extends OutputOptions, DatabaseOptions, MonitoredNetworkOptions {}

/** Further options of the user's own SQL. */
export interface SqlOptions extends HuntOptions, Pick<SessionOptions, 'table' | 'names' | 'geo' | 'dns'> {}

/** Further options of a ready hunt. */
export interface NamedHuntOptions extends HuntOptions, NamedQueryOptions {}

/**
 * Runs a ready hunt on flow log files, and prints its rows.
 *
 * @param addresses the arguments of the hunt
 * @throws InputError if an address is invalid or no file can be read; UsageFailure if some files cannot be read;
 * CheckFailed if the command was interrupted
 */
export async function runHunt(
  hunt: Hunt,
  addresses: readonly string[],
  paths: readonly string[],
  options: NamedHuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const query = namedQuery(hunt, addresses, options);
  const networks = await readNetworks(options, options.cache !== false);
  checkList(hunt, networks.lists);
  await runQuery(query, paths, { networks, session: networks }, options, signal);
}

/**
 * Runs the user's own SQL on flow log files, and prints its rows.
 *
 * @throws InputError if the SQL is invalid, before any file is read; otherwise the errors of runHunt
 */
export async function runSql(
  sql: string,
  paths: readonly string[],
  options: SqlOptions,
  signal: AbortSignal,
): Promise<void> {
  const { networks, session } = await readSession(options, signal);
  const beforeLoad = () => checkStatement(sql, session);
  await runQuery(() => ({ sql }), paths, { networks, session, beforeLoad }, options, signal);
}

/**
 * Writes all flows to a file, with the columns of the lake.
 *
 * @throws the errors of runHunt
 */
export async function runExport(
  paths: readonly string[],
  options: HuntOptions & { readonly output: string },
  signal: AbortSignal,
): Promise<void> {
  const networks = await readNetworks(options, options.cache !== false);
  // The lake has the day in the names of its folders.
  const sql = 'SELECT * EXCLUDE (day) FROM vpc_flow_logs';
  await runQuery(() => ({ sql }), paths, { networks, session: networks }, options, signal);
}

/** Checks a statement on a database without flows and rows. @throws InputError if it is invalid */
async function checkStatement(sql: string, { lists, tables }: SessionTables): Promise<void> {
  const rules = { lists, monitoredNetworks: [] };
  const files = { formats: [], async *records() {} };
  const withoutRows = tables?.map((table) => ({ ...table, rows: [] }));
  const empty = await FlowDatabase.create({ files, rules, ...(withoutRows && { tables: withoutRows }) });
  try {
    await empty.check(sql);
  } finally {
    await empty.close();
  }
}

/** Opens the flows, runs the query, and writes its rows. */
async function runQuery(
  queryOf: (database: FlowDatabase) => Query,
  paths: readonly string[],
  context: QueryContext,
  options: HuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const output = await openOutput(options);
  try {
    const opened = await openDatabase(paths, context, options, signal);
    const { database } = opened;
    try {
      const query = queryOf(database);
      await output.write(database, query);
      reportLeftOut(opened, context.networks);
      if (query.warning !== undefined) printError(query.warning);
    } finally {
      await database.close();
    }
    reportIncomplete(opened);
  } catch (error) {
    await output.discard();
    throw error;
  }
}
