import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { canonicalAddress } from '../../lambda/networks/ip-address.ts';
import type { RuleSet } from '../../lambda/rules/model.ts';
import { type Hunt, huntSql, hunts } from '../../lib/queries/hunts/hunts.ts';
import { compileNetworks } from '../../sigma/rule-directory.ts';
import type { FlowFiles } from '../flow-files/flow-files.ts';
import { openFlowFiles } from '../flow-files/open.ts';
import { problemLines } from '../flow-files/problems.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { CheckFailed, UsageFailure } from '../terminal/exit-signals.ts';
import { InputError } from '../terminal/input-error.ts';
import { showProgress } from '../terminal/progress.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { heading } from '../terminal/text-table.ts';
import { duckDbDialect, sqlText } from './duckdb-dialect.ts';
import { FlowDatabase } from './flow-database.ts';
import { type OutputOptions, openOutput, type Query } from './hunt-output.ts';

export interface HuntOptions extends OutputOptions {
  readonly networks?: string;
  readonly format?: readonly string[];
}

/** What else a hunt takes. */
export interface NamedHuntOptions extends HuntOptions {
  readonly top: number;
  /** As many of the last days that the files have; all for none. */
  readonly days?: number;
  /** In seconds. */
  readonly interval?: number;
}

type Networks = Pick<RuleSet, 'lists' | 'monitoredNetworks'>;

/**
 * Asks flow log files one of the ready hunts, and prints its rows.
 *
 * @param addresses what the hunt must be told
 * @throws InputError when an address is none, or nothing can be read; UsageFailure when some files could not be read;
 * CheckFailed when it was interrupted
 */
export async function runHunt(
  hunt: Hunt,
  addresses: readonly string[],
  paths: readonly string[],
  options: NamedHuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const { top, days, interval } = options;
  const values = addresses.map((text) => sqlText(addressOf(text)));
  const networks = compileNetworks(options.networks);
  checkList(hunt, networks);
  const query = ({ lastDay }: FlowDatabase): Query => ({
    sql: huntSql(hunt, duckDbDialect(firstDay(lastDay, days)), values, { top, ...(interval && { interval }) }),
    title: hunt.description,
    top,
  });
  await ask(query, paths, networks, options, signal);
}

/**
 * Asks flow log files by SQL of one's own.
 *
 * @throws InputError when the SQL is wrong, which is found before any file is read; else as runHunt does
 */
export async function runSql(
  sql: string,
  paths: readonly string[],
  options: HuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const networks = compileNetworks(options.networks);
  const nothing = await FlowDatabase.of({ files: { formats: [], async *records() {} }, rules: networks });
  try {
    await nothing.check(sql);
  } finally {
    await nothing.close();
  }
  await ask(() => ({ sql }), paths, networks, options, signal);
}

/** Prints the ready hunts. */
export async function listHunts({ json }: { readonly json?: boolean }): Promise<void> {
  if (json) {
    const list = hunts.map((hunt) => ({ name: hunt.name, description: hunt.description, usage: usageOf(hunt) }));
    return writeStdout(`${JSON.stringify({ hunts: list }, null, 2)}\n`);
  }
  for (const hunt of hunts) {
    const name = heading(usageOf(hunt));
    await writeStdout(`flow-sentinel hunt ${name}\n  ${hunt.description}\n`);
  }
  await writeStdout(
    '\nEach takes files, folders and s3:// addresses. What else it takes: flow-sentinel hunt NAME --help\n' +
      'By SQL of your own: flow-sentinel hunt sql "SELECT ..." PATH...\n',
  );
}

function usageOf({ name, parameters }: Hunt): string {
  return [name, ...parameters.map((parameter) => parameter.name.toUpperCase()), 'PATH...'].join(' ');
}

async function ask(
  queryOf: (database: FlowDatabase) => Query,
  paths: readonly string[],
  rules: Networks,
  options: HuntOptions,
  signal: AbortSignal,
): Promise<void> {
  const output = await openOutput(options);
  try {
    const files = await openFlowFiles(paths, { format: options.format, signal });
    checkOutputPaths([options.output], files.files());
    const database = await loaded(files, rules, signal);
    // What was read before an interruption is asked all the same: a second one ends it.
    const wasInterrupted = signal.aborted;
    try {
      await output.write(database, queryOf(database));
    } finally {
      await database.close();
    }
    conclude(files, database, wasInterrupted);
  } catch (error) {
    await output.discard();
    throw error;
  }
}

async function loaded(files: FlowFiles, rules: Networks, signal: AbortSignal): Promise<FlowDatabase> {
  const bar = showProgress('Reading', files.bytes);
  try {
    return await FlowDatabase.of({ files, rules, progress: (bytes) => bar.update(bytes) }, signal);
  } finally {
    bar.end();
  }
}

/** Says why what was printed is not all that there is. */
function conclude(files: FlowFiles, { flows, unreadableLines }: FlowDatabase, wasInterrupted: boolean): void {
  const problems = problemLines(files.files());
  const lines = [
    ...(unreadableLines > 0
      ? [`lines that could not be read: ${formatInteger(unreadableLines)}, in the table unreadable_lines of hunt sql`]
      : []),
    ...problems,
    ...(wasInterrupted ? [`interrupted: these are the rows of the first ${formatInteger(flows)} flows`] : []),
  ];
  for (const line of lines) process.stderr.write(`flow-sentinel: ${printable(line)}\n`);
  if (wasInterrupted) throw new CheckFailed();
  if (problems.length > 0) throw new UsageFailure();
}

/** @throws InputError when the list that the hunt asks for is not there */
function checkList({ name, list: wanted }: Hunt, { lists }: Networks): void {
  if (wanted === undefined) return;
  const list = lists.find((one) => one.name === wanted);
  if (!list) throw new InputError(`the named networks have no list ${wanted}, which ${name} asks for`);
  if (list.s3 && list.entries.length === 0) {
    throw new InputError(`the list ${wanted}, which ${name} asks for, is in S3 only; give it with --networks FILE`);
  }
}

function addressOf(text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) {
    throw new InputError(`${JSON.stringify(text)} is no address, expected one such as 10.0.1.5 or 2001:db8::1`);
  }
  return address;
}

const dayMilliseconds = 86_400_000;

function firstDay(lastDay: string | undefined, days: number | undefined): string | undefined {
  if (lastDay === undefined || days === undefined) return undefined;
  const first = Math.max(0, Date.parse(lastDay) - (days - 1) * dayMilliseconds);
  return new Date(first).toISOString().slice(0, 10);
}
