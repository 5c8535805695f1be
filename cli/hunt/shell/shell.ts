import { createInterface } from 'node:readline';
import { CheckFailed } from '../../terminal/exit-signals.ts';
import { InputError } from '../../terminal/input-error.ts';
import { standardInput } from '../../terminal/standard-input.ts';
import type { FlowDatabase } from '../flow-database.ts';
import type { HuntOptions } from '../hunt.ts';
import { openDatabase, reportIncomplete, reportLeftOut } from '../open-database.ts';
import { readSession, type SessionOptions } from '../read-session.ts';
import { attempt } from './attempt.ts';
import { completeLine } from './complete-line.ts';
import { ShellSession } from './shell-session.ts';
import { splitStatements } from './statements.ts';
import { TypedInput } from './typed-input.ts';

/** The options of the shell. */
export interface ShellOptions
  extends Omit<HuntOptions, 'output'>,
    Pick<SessionOptions, 'table' | 'names' | 'geo' | 'dns'> {}

/**
 * Runs statements and commands that a person types, or that a pipe has, on the flows of some paths.
 *
 * @param signal ends the loading early; later it interrupts the statements of a pipe, and ends them
 * @throws CheckFailed if a statement of a pipe failed; the errors of openDatabase
 */
export async function runShell(paths: readonly string[], options: ShellOptions, signal: AbortSignal): Promise<void> {
  if (paths.includes(standardInput)) {
    throw new InputError('- is not supported: the shell reads statements from standard input; save the logs in a file');
  }
  const { networks, session } = await readSession(options, signal);
  const opened = await openDatabase(paths, { networks, session }, options, signal);
  const { database } = opened;
  try {
    reportLeftOut(opened, networks);
    const inputs = [...opened.files, ...(session.tables ?? []).map(({ path }) => ({ name: path }))];
    const kept = options.keep === undefined ? [] : [{ name: options.keep }];
    const shell = new ShellSession({
      ...{ database, session },
      inputs: [...inputs, ...kept],
      output: options,
      now: () => performance.now(),
    });
    const tables = (session.tables ?? []).flatMap(({ name, columns }) => [name, ...columns]);
    const names = {
      tables: ['vpc_flow_logs', 'unreadable_lines', 'named_networks', ...tables],
      lists: session.lists.map(({ name }) => name),
    };
    if (process.stdin.isTTY) {
      const { stdin: input, stdout: output } = process;
      await new TypedInput(shell, database, { input, output }).run((line) => completeLine(line, names), signal);
    } else await runPiped(shell, database, signal);
  } finally {
    await database.close();
  }
  reportIncomplete(opened);
}

/** Runs the statements of standard input until its end. @throws CheckFailed if one failed */
async function runPiped(shell: ShellSession, database: FlowDatabase, signal: AbortSignal): Promise<void> {
  const interrupt = () => database.interrupt();
  signal.addEventListener('abort', interrupt);
  let text = '';
  let allDone = true;
  const run = async (work: () => Promise<unknown>) => {
    const { isDone, goesOn } = await attempt(work);
    allDone &&= isDone;
    return goesOn && !signal.aborted;
  };
  const runAll = async (statements: readonly string[]) => {
    for (const statement of statements) if (!(await run(() => shell.runStatement(statement)))) return false;
    return true;
  };
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      if (text === '' && line.trim().startsWith('.')) {
        if (!(await run(() => shell.runCommand(line)))) break;
        continue;
      }
      const { complete, rest } = splitStatements(`${text}${line}\n`);
      text = rest;
      if (!(await runAll(complete))) break;
    }
    // The last statement needs no ;
    if (!signal.aborted && text.trim() !== '') await runAll([text]);
  } finally {
    signal.removeEventListener('abort', interrupt);
    lines.close();
  }
  if (!allDone || signal.aborted) throw new CheckFailed();
}
