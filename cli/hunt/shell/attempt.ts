import { messageOf } from '../../../lambda/common/errors.ts';
import { printable } from '../../../lambda/common/text.ts';
import { stdoutError } from '../../terminal/stdout.ts';

/** Runs a statement or a command, and prints its error. @returns whether it succeeded, and whether the shell continues */
export async function attempt(
  work: () => Promise<unknown>,
): Promise<{ readonly isDone: boolean; readonly goesOn: boolean }> {
  try {
    return { isDone: true, goesOn: (await work()) !== false };
  } catch (error) {
    if (error === stdoutError()) throw error;
    process.stderr.write(`flow-sentinel: ${printable(messageOf(error))}\n`);
    return { isDone: false, goesOn: true };
  }
}
