import { messageOf } from '../lambda/errors.ts';
import { InputError, readInput } from './input-error.ts';
import { runJson, runText } from './print-run.ts';
import { type NamedEvent, type RunOptions, runEvents } from './run-events.ts';

/** Sends event files through the handler, and prints what came of it. */
export async function invoke(
  files: readonly string[],
  options: RunOptions & { readonly json?: boolean },
): Promise<void> {
  const events = files.map(readEventFile);
  const run = await runEvents(events, options);
  process.stdout.write(options.json ? runJson(run) : runText(events, run));
}

/**
 * Reads an event file.
 *
 * @throws InputError that names the file and what is wrong with it
 */
export function readEventFile(path: string): NamedEvent {
  const text = readInput(path);
  try {
    return { name: path, event: JSON.parse(text) as unknown };
  } catch (error) {
    throw new InputError(`${path} is no JSON: ${messageOf(error)}`);
  }
}
