import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { writeStdout } from '../../terminal/stdout.ts';
import type { FlowDatabase } from '../flow-database.ts';
import { attempt } from './attempt.ts';
import { HistoryFile, maxHistoryLines } from './history-file.ts';
import type { ShellSession } from './shell-session.ts';
import { splitStatements } from './statements.ts';

const [prompt, continuation] = ['hunt> ', '  ... '];

/** The terminal: its keys, and where what is typed is shown. */
export interface Streams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The shell of a person at a terminal. */
export class TypedInput {
  readonly #shell: ShellSession;
  readonly #database: FlowDatabase;
  readonly #streams: Streams;
  #text = '';
  /** Number of lines that are typed and not yet run completely. */
  #pending = 0;
  #isInterrupted = false;
  /** The lines that are still to be run, one after another. */
  #work: Promise<void> = Promise.resolve();

  constructor(shell: ShellSession, database: FlowDatabase, streams: Streams) {
    this.#shell = shell;
    this.#database = database;
    this.#streams = streams;
  }

  /**
   * Runs what is typed, until `.quit` or the end of the input.
   *
   * @param completer completes the last word of a line
   * @param signal ends the input
   */
  async run(completer: (line: string) => [string[], string], signal: AbortSignal): Promise<void> {
    await writeStdout(`${welcomeText(this.#database)}\n`);
    const history = await HistoryFile.open();
    const input = createInterface({
      ...{ ...this.#streams, prompt, completer, terminal: true },
      history: history.read(),
      historySize: maxHistoryLines,
      removeHistoryDuplicates: true,
    });
    input.on('history', (lines: string[]) => history.write(lines));
    input.on('SIGINT', () => this.#interrupt(input));
    input.on('line', (line) => {
      if (this.#pending === 0) {
        this.#isInterrupted = false;
        this.#database.resume();
      }
      this.#pending += 1;
      this.#work = this.#work.then(() => this.#take(line, input));
    });
    const close = () => input.close();
    signal.addEventListener('abort', close);
    const closed = once(input, 'close');
    input.prompt();
    await closed;
    signal.removeEventListener('abort', close);
    await this.#work;
  }

  /** Ends the running statement and all that wait, or else clears what was typed. */
  #interrupt(input: Interface): void {
    if (this.#pending > 0) {
      this.#isInterrupted = true;
      this.#database.interrupt();
      return;
    }
    const hadText = this.#text !== '' || input.line !== '';
    this.#text = '';
    this.#streams.output.write(hadText ? '\n' : '\n.quit or Ctrl-D leaves the shell\n');
    // Clears the line that is typed.
    input.write(null, { ctrl: true, name: 'e' });
    input.write(null, { ctrl: true, name: 'u' });
    input.setPrompt(prompt);
    input.prompt();
  }

  async #take(line: string, input: Interface): Promise<void> {
    let goesOn = true;
    if (this.#text === '' && line.trim().startsWith('.')) {
      ({ goesOn } = await attempt(() => this.#shell.runCommand(line)));
    } else {
      const { complete, rest } = splitStatements(`${this.#text}${line}\n`);
      this.#text = rest;
      for (const [index, statement] of complete.entries()) {
        if (index > 0 && this.#isInterrupted) break;
        await attempt(() => this.#shell.runStatement(statement));
      }
    }
    this.#pending -= 1;
    if (!goesOn) {
      input.close();
      return;
    }
    input.setPrompt(this.#text === '' ? prompt : continuation);
    input.prompt();
  }
}

function welcomeText({ flows, range }: FlowDatabase): string {
  const times = range ? ` from ${utc(range.from)} to ${utc(range.to)} (UTC)` : '';
  return `${formatInteger(flows)} flow${flows === 1 ? '' : 's'}${times}. Statements end with ; and .help shows the commands.`;
}
