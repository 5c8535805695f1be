import { daySeconds } from '../../lambda/common/calendar.ts';
import { formatInteger, utc } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { type Hunt, huntSql } from '../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../lib/queries/hunts/hunts.ts';
import { findFiles } from '../flow-files/find-files.ts';
import { nothingInRange, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { leftOutLines } from '../monitored-networks/left-out-text.ts';
import type { MonitoredNetworkOptions } from '../monitored-networks/monitored-networks.ts';
import type { FlowRange } from '../statistics/flow-times.ts';
import { setAsideText } from '../statistics/set-aside-text.ts';
import { uncountedLines } from '../statistics/uncounted-text.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { CheckFailed, UsageFailure } from '../terminal/exit-signals.ts';
import { InputError } from '../terminal/input-error.ts';
import { parseAddress } from '../terminal/parse-address.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { heading } from '../terminal/text-table.ts';
import { type Networks, readNetworks } from './cache/networks.ts';
import { duckDbDialect } from './duckdb-dialect.ts';
import { FlowDatabase, type SessionTables } from './flow-database.ts';
import { type OutputOptions, openOutput, type Query } from './hunt-output.ts';
import { sqlText } from './load/sql-text.ts';
import { type KeepOptions, type OpenedFlows, openFlows } from './open-flows.ts';
import type { OwnTable } from './own-tables.ts';

export interface HuntOptions extends OutputOptions, TimeRangeOptions, MonitoredNetworkOptions, KeepOptions {}

/** Further options of the user's own SQL. */
export interface SqlOptions extends HuntOptions {
  /** Tables of the user, as `name=file`. */
  readonly table?: readonly string[];
}

/** Further options of a ready hunt. */
export interface NamedHuntOptions extends HuntOptions {
  readonly top: number;
  /** Number of periods of 24 hours to read, up to the end of the last flow (default: all flows). */
  readonly days?: number;
  /** In seconds. */
  readonly interval?: number;
  /** In seconds. */
  readonly gap?: number;
  /** The start of the recent flows in epoch seconds (default: 24 hours before the end of the last flow). */
  readonly since?: number;
}

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
  const { top, days, interval, gap } = options;
  const values = addresses.map((text) => sqlText(parseAddress(text)));
  const networks = await readNetworks(options, options.cache !== false);
  checkList(hunt, networks);
  const query = ({ range }: FlowDatabase): Query => {
    const read = range && days !== undefined ? lastDays(range, days) : undefined;
    const recent =
      range && hunt.option === 'since' ? recentFlows(hunt, read ?? lastDays(range), options.since) : undefined;
    const notes = [
      ...(read ? [`Flows that ended after ${utc(read.after)}, until ${utc(read.to)}.`] : []),
      ...(recent ? [recent.note] : []),
    ];
    return {
      sql: huntSql(hunt, duckDbDialect(read, recent?.from), values, {
        top,
        ...(interval && { interval }),
        ...(gap && { gap }),
      }),
      title: hunt.description,
      top,
      notes,
      ...(read && { warning: setAsideText(range!) }),
    };
  };
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
  const networks = await readNetworks(options, options.cache !== false);
  const tables = await readTables(options.table ?? [], networks);
  for (const warning of tables.flatMap(({ warnings }) => warnings)) process.stderr.write(`flow-sentinel: ${warning}\n`);
  const session = { lists: networks.lists, tables };
  const beforeLoad = () => checkStatement(sql, session);
  await runQuery(() => ({ sql }), paths, { networks, session, beforeLoad }, options, signal);
}

/** Reads the tables of the user. @throws as readOwnTables */
async function readTables(given: readonly string[], { lists }: Networks): Promise<readonly OwnTable[]> {
  if (given.length === 0) return [];
  const { readOwnTables } = await import('./own-tables.ts');
  return readOwnTables(
    given,
    lists.map(({ name }) => name),
  );
}

/** Checks a statement on a database without flows. @throws InputError if it is invalid */
async function checkStatement(sql: string, { lists, tables }: SessionTables): Promise<void> {
  const rules = { lists, monitoredNetworks: [] };
  const files = { formats: [], async *records() {} };
  const empty = await FlowDatabase.create({ files, rules, ...(tables && { tables }) });
  try {
    await empty.check(sql);
  } finally {
    await empty.close();
  }
}

/** Prints the ready hunts. */
export async function listHunts({ json }: { readonly json?: boolean }): Promise<void> {
  if (json) {
    const list = hunts.map((hunt) => ({ name: hunt.name, description: hunt.description, usage: usageOf(hunt) }));
    return writeStdout(`${JSON.stringify({ hunts: list }, null, 2)}\n`);
  }
  for (const hunt of hunts) {
    const name = heading(usageOf(hunt));
    await writeStdout(`npx flow-sentinel hunt ${name}\n  ${hunt.description}\n`);
  }
  await writeStdout(
    '\nPATH is a file, a folder or an s3:// URI. For the options of a hunt, run npx flow-sentinel hunt NAME --help\n' +
      'To run your own SQL, use npx flow-sentinel hunt sql "SELECT ..." PATH...\n',
  );
}

function usageOf({ name, parameters }: Hunt): string {
  return [name, ...parameters.map((parameter) => parameter.name.toUpperCase()), 'PATH...'].join(' ');
}

/** What a query needs beside the flows. */
interface QueryContext {
  readonly networks: Networks;
  readonly session: SessionTables;
  /** Runs before files are read, if they must be. */
  readonly beforeLoad?: () => Promise<void>;
}

/** Opens the flows, runs the query, and writes its rows. */
async function runQuery(
  queryOf: (database: FlowDatabase) => Query,
  paths: readonly string[],
  { networks, session, beforeLoad }: QueryContext,
  options: HuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const timeRange = timeRangeOf(options);
  const output = await openOutput(options);
  try {
    const found = await findFiles(paths, { signal });
    const tableFiles = (session.tables ?? []).map(({ path }) => ({ name: path }));
    checkOutputPaths([options.output, options.keep], found.files);
    checkOutputPaths([options.output, options.keep], tableFiles, 'tables');
    const { networks: monitoredNetworks } = networks.monitored;
    const opened = await openFlows({ found, monitoredNetworks, timeRange, beforeLoad }, options, printError, signal);
    // The query also runs on the flows before an interruption; a second interruption ends it.
    const wasInterrupted = signal.aborted;
    const database = await FlowDatabase.open(opened.attached, session, signal);
    try {
      const { flows, outside, leftOut } = database.loaded;
      if (!wasInterrupted && timeRange && flows === 0 && outside && outside.flows > 0) {
        throw nothingInRange(timeRange, outside);
      }
      const query = queryOf(database);
      await output.write(database, query);
      for (const line of leftOutLines({ monitored: networks.monitored, leftOut })) printError(line);
      if (query.warning !== undefined) process.stderr.write(`flow-sentinel: ${query.warning}\n`);
    } finally {
      await database.close();
    }
    reportIncomplete(opened, wasInterrupted);
  } catch (error) {
    await output.discard();
    throw error;
  }
}

function printError(line: string): void {
  process.stderr.write(`flow-sentinel: ${printable(line)}\n`);
}

const noTimes = 'the flows have no time: start and end are missing; hunts by time find nothing';

/**
 * Prints why the rows may be incomplete.
 *
 * @throws CheckFailed if the command was interrupted; UsageFailure if files could not be read
 */
function reportIncomplete({ attached, problems, unknownFieldLines }: OpenedFlows, wasInterrupted: boolean): void {
  const { flows, unreadableLines, uncounted, range } = attached.load.loaded;
  const lines = [
    ...(flows > 0 && range === undefined ? [noTimes] : []),
    ...(unreadableLines > 0
      ? [`unreadable lines: ${formatInteger(unreadableLines)}; see the table unreadable_lines of hunt sql`]
      : []),
    ...unknownFieldLines,
    ...uncountedLines(uncounted),
    ...problems,
    ...(wasInterrupted ? [`interrupted: the rows are of the first ${formatInteger(flows)} flows`] : []),
  ];
  for (const line of lines) printError(line);
  if (wasInterrupted) throw new CheckFailed();
  if (problems.length > 0) throw new UsageFailure();
}

/** Checks the named list that a hunt needs. @throws InputError if it is missing or only in S3 */
function checkList({ name, list: listName }: Hunt, { lists }: Networks): void {
  if (listName === undefined) return;
  const list = lists.find((other) => other.name === listName);
  if (!list)
    throw new InputError(`the list ${listName}, which ${name} needs, is missing; give it with --networks FILE`);
  if (list.s3 && list.entries.length === 0) {
    throw new InputError(`the list ${listName}, which ${name} needs, is only in S3; give it with --networks FILE`);
  }
}

/** Returns the last days of flows as the times for the dialect (default: all days). */
function lastDays({ from, to }: FlowRange, days = Number.POSITIVE_INFINITY) {
  return { after: Math.max(from - 1, to - days * daySeconds), to };
}

/**
 * Returns the start of the recent flows, and a line that says what they are compared with.
 *
 * @throws InputError if no flows are before or after the start
 */
function recentFlows({ name }: Hunt, read: { readonly after: number; readonly to: number }, since?: number) {
  const first = read.after + 1;
  const from = since ?? Math.max(read.to - daySeconds + 1, first);
  const times = `${utc(first)} to ${utc(read.to)} (UTC)`;
  if (from <= first) {
    throw new InputError(
      `${name} compares with the flows before ${utc(from)}, and there are none: the flows end from ${times}; add the logs of earlier days, or choose a later --since`,
    );
  }
  if (from > read.to) {
    throw new InputError(`--since is invalid: got ${utc(from)}, expected a time within the flows, ${times}`);
  }
  const days = (from - first) / daySeconds;
  const length = days < 1 ? `${(days * 24).toFixed(1)} hours` : `${days.toFixed(1)} days`;
  return { from, note: `New from ${utc(from)} on, compared with the ${length} before, from ${utc(first)}.` };
}
