import { messageOf } from '../../lambda/common/errors.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { commandText } from '../replay/command-text.ts';
import { runJson, runText } from '../replay/print-run.ts';
import { type NamedEvent, type PersistentRunOptions, type RunResult, runEvents } from '../replay/run-events.ts';
import { checkOutputPaths } from '../terminal/check-output-paths.ts';
import { InputError, readInput } from '../terminal/input-error.ts';
import { inputName } from '../terminal/standard-input.ts';
import { collectRun, runReport } from './run-report.ts';

/** Options of the command. */
export interface InvokeOptions extends PersistentRunOptions {
  readonly json?: boolean;
  /** HTML file of the report. */
  readonly report?: string;
}

/** Sends event files through the handler and prints the result. @param signal stops the run between two events */
export async function invoke(
  files: readonly string[],
  { json, report, ...options }: InvokeOptions,
  signal?: AbortSignal,
): Promise<void> {
  const events = files.map(readEventFile);
  checkOutputPaths(
    [report],
    files.map((name) => ({ name })),
    'events',
  );
  // The bundler of the report is imported only if it is needed.
  const file = report === undefined ? undefined : await (await import('../report/write-report.ts')).beginReport(report);
  try {
    const run = await runEvents(events, options, signal);
    const collector = collectRun(events, run, options);
    await file?.write(runReport(commandText('invoke', files, options), events, run, options, collector));
    process.stdout.write(json ? runJson(run, collector) : runText(events, run, collector));
    for (const line of unreadableEvents(events, run)) process.stderr.write(`flow-sentinel: ${line}\n`);
  } finally {
    await file?.close();
  }
}

/** Returns a line for each event of which the function read no record. */
function unreadableEvents(events: readonly NamedEvent[], { responses }: RunResult): string[] {
  return events.flatMap(({ name }, index) => {
    const records = responses[index]?.records ?? [];
    if (records.length === 0 || records.some(({ result }) => result !== 'ProcessingFailed')) return [];
    const subject = records.length === 1 ? 'the only record is' : `all ${formatInteger(records.length)} records are`;
    return `${printable(name)}: ${subject} unreadable; if the flow log has another format, give it by --format`;
  });
}

/**
 * Reads an event file.
 *
 * @throws InputError that names the file and the reason
 */
export function readEventFile(path: string): NamedEvent {
  const text = readInput(path);
  const name = inputName(path);
  try {
    return { name, event: JSON.parse(text) as unknown };
  } catch (error) {
    throw new InputError(`${name} is invalid: expected JSON: ${messageOf(error)}`);
  }
}
