import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { findFiles } from '../flow-files/find-files.ts';
import { nothingInRange, type TimeRangeOptions, timeRangeOf } from '../flow-files/time-range.ts';
import { leftOutLines } from '../monitored-networks/left-out-text.ts';
import { uncountedLines } from '../statistics/uncounted-text.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { CheckFailed, UsageFailure } from '../terminal/exit-signals.ts';
import { checkOutsideLogs } from './cache/keep-file.ts';
import type { Networks } from './cache/networks.ts';
import { FlowDatabase, type SessionTables } from './flow-database.ts';
import { type KeepOptions, type OpenedFlows, openFlows } from './open-flows.ts';

/** The options that decide which flows are in the database, and where it is. */
export interface DatabaseOptions extends KeepOptions, TimeRangeOptions {
  /** A file that the command writes. */
  readonly output?: string;
}

/** What a query needs beside the flows. */
export interface QueryContext {
  readonly networks: Networks;
  readonly session: SessionTables;
  /** Runs before files are read, if they must be. */
  readonly beforeLoad?: () => Promise<void>;
}

/** A database to ask, and what its end must report. */
export interface OpenedDatabase {
  readonly database: FlowDatabase;
  readonly opened: OpenedFlows;
  /** The files that were found. */
  readonly files: readonly { readonly name: string }[];
  /** Whether the loading was interrupted. */
  readonly wasInterrupted: boolean;
}

/**
 * Opens the database of the flows of some paths.
 *
 * @param signal ends the loading early, and interrupts a running query
 * @throws InputError if no file can be read, or no flow is in the time range
 */
export async function openDatabase(
  paths: readonly string[],
  { networks, session, beforeLoad }: QueryContext,
  options: DatabaseOptions,
  signal: AbortSignal,
): Promise<OpenedDatabase> {
  const timeRange = timeRangeOf(options);
  if (options.keep !== undefined) await checkOutsideLogs(options.keep, paths);
  const found = await findFiles(paths, { signal });
  const tableFiles = (session.tables ?? []).map(({ path }) => ({ name: path }));
  checkOutputPaths([options.output, options.keep], found.files);
  checkOutputPaths([options.output, options.keep], tableFiles, 'tables');
  const { networks: monitoredNetworks } = networks.monitored;
  const opened = await openFlows({ found, monitoredNetworks, timeRange, beforeLoad }, options, printError, signal);
  // A query also runs on the flows before an interruption; a second interruption ends it.
  const wasInterrupted = signal.aborted;
  const database = await FlowDatabase.open(opened.attached, session, signal);
  const { flows, outside } = database.loaded;
  if (!wasInterrupted && timeRange && flows === 0 && outside && outside.flows > 0) {
    await database.close();
    throw nothingInRange(timeRange, outside);
  }
  return { database, opened, files: found.files, wasInterrupted };
}

/** Prints how many flows the monitored networks leave out. */
export function reportLeftOut({ database }: OpenedDatabase, { monitored }: Networks): void {
  const { leftOut } = database.loaded;
  for (const line of leftOutLines({ monitored, leftOut })) printError(line);
}

/** Prints a line on standard error. */
export function printError(line: string): void {
  process.stderr.write(`flow-sentinel: ${printable(line)}\n`);
}

const noTimes = 'the flows have no time: start and end are missing; hunts by time find nothing';

/**
 * Prints why the rows may be incomplete.
 *
 * @throws CheckFailed if the command was interrupted; UsageFailure if files could not be read
 */
export function reportIncomplete({ opened, wasInterrupted }: OpenedDatabase): void {
  const { attached, problems, unknownFieldLines } = opened;
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
