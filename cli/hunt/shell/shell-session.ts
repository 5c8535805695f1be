import { formatInteger } from '../../../lambda/common/format-units.ts';
import { printable } from '../../../lambda/common/text.ts';
import { hunts } from '../../../lib/queries/hunts/hunts.ts';
import { checkOutputPaths } from '../../terminal/check-output-paths.ts';
import { writeStdout } from '../../terminal/stdout.ts';
import { table } from '../../terminal/text-table.ts';
import type { FlowDatabase, SessionTables } from '../flow-database.ts';
import { type OutputOptions, openOutput, type Query } from '../hunt-output.ts';
import { checkList, namedQuery } from '../named-query.ts';
import { printError } from '../open-database.ts';
import { plainRows } from '../result-value.ts';
import { parseShellCommand, shellCommands } from './shell-command.ts';

/** What statements and commands of a shell work on. */
export interface ShellContext {
  readonly database: FlowDatabase;
  readonly session: SessionTables;
  /** The format of rows, and their upper bound in a table. */
  readonly output: Omit<OutputOptions, 'output'>;
  /** Files that `.output` must not replace. */
  readonly inputs: readonly { readonly name: string }[];
  /** Returns the time of a clock in milliseconds. */
  readonly now: () => number;
}

/** Runs the statements and the commands of a shell. */
export class ShellSession {
  readonly #context: ShellContext;
  /** The file for the rows of the next statement. */
  #output: string | undefined;

  constructor(context: ShellContext) {
    this.#context = context;
  }

  /** Runs one statement, and prints its rows and its time. @throws as FlowDatabase.query */
  async runStatement(sql: string): Promise<void> {
    await this.#run({ sql });
  }

  /**
   * Runs a command.
   *
   * @returns whether the shell continues
   * @throws InputError if the command is invalid; the errors of a hunt
   */
  async runCommand(line: string): Promise<boolean> {
    const command = parseShellCommand(line);
    switch (command.kind) {
      case 'quit':
        return false;
      case 'help':
        await writeStdout(helpText);
        return true;
      case 'hunts':
        await writeStdout(huntsText());
        return true;
      case 'tables':
        await this.#showTables();
        return true;
      case 'lists':
        await this.#showLists();
        return true;
      case 'output':
        checkOutputPaths([command.file], this.#context.inputs);
        await (await openOutput({ output: command.file, limit: 0 })).discard();
        this.#output = command.file;
        return true;
      case 'hunt': {
        const { hunt, addresses, options } = command;
        checkList(hunt, this.#context.session.lists);
        await this.#run(namedQuery(hunt, addresses, options)(this.#context.database));
        return true;
      }
    }
  }

  async #run(query: Query): Promise<void> {
    const { database, output: options, now } = this.#context;
    const from = now();
    const output = await openOutput({ ...options, ...(this.#output !== undefined && { output: this.#output }) });
    try {
      await output.write(database, query);
    } catch (error) {
      await output.discard();
      throw error;
    }
    this.#output = undefined;
    if (query.warning !== undefined) printError(query.warning);
    process.stderr.write(`Time: ${((now() - from) / 1000).toFixed(3)} s\n`);
  }

  async #showTables(): Promise<void> {
    const sql =
      "SELECT table_name, list(column_name ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name NOT IN ('flows', 'flow_sentinel_load') GROUP BY 1 ORDER BY 1 DESC";
    for await (const rows of plainRows(await this.#context.database.query(sql)).chunks) {
      for (const [name, columns] of rows) {
        await writeStdout(`${String(name)}\n  ${printable((columns as string[]).join(', '))}\n`);
      }
    }
  }

  async #showLists(): Promise<void> {
    const { lists, tables = [] } = this.#context.session;
    const all = [...lists, ...tables.flatMap(({ networks }) => networks ?? [])];
    const rows = all.map(({ name, entries }) => [printable(name), formatInteger(entries.length)]);
    await writeStdout(rows.length > 0 ? table(['list', 'networks'], rows, [1]) : 'no list\n');
  }
}

const helpText = `Statements are SQL on the table vpc_flow_logs, and end with ;
They may have several lines. Ctrl-C interrupts a statement.

${Object.entries(shellCommands)
  .map(([usage, description]) => `${usage}\n  ${description}\n`)
  .join('')}`;

function huntsText(): string {
  return hunts
    .map(({ name, parameters, description }) => {
      const usage = [name, ...parameters.map((parameter) => parameter.name.toUpperCase())].join(' ');
      return `.hunt ${usage}\n  ${description}\n`;
    })
    .join('');
}
