import { closeSync, constants, createReadStream, createWriteStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileErrorText } from '../../terminal/file-error.ts';
import { InputError } from '../../terminal/input-error.ts';
import { inputName, standardInput } from '../../terminal/standard-input.ts';
import { createTemporaryFolder, removeAtExit } from '../../terminal/temporary-files.ts';

/**
 * Saves standard input (`-`) or a named pipe in a temporary file, since a file is read twice: for its content, then for
 * its records. The file is removed when the process exits.
 *
 * @returns the name for messages, and the path of the temporary file
 * @throws InputError if standard input is a terminal, or the pipe cannot be read; the reason of the signal if it fires
 */
export async function savePipe(path: string, signal?: AbortSignal): Promise<{ name: string; path: string }> {
  if (path === standardInput && process.stdin.isTTY) {
    throw new InputError(
      'standard input is a terminal, expected a pipe; write the command that prints the log before it',
    );
  }
  const name = inputName(path);
  const folder = createTemporaryFolder('pipe');
  removeAtExit(folder);
  const saved = join(folder, 'input');
  const release = () => releaseReader(path);
  if (path !== standardInput) signal?.addEventListener('abort', release, { once: true });
  try {
    // Created only now, since an error of a stream without a listener would end the process.
    const source = path === standardInput ? process.stdin : createReadStream(path);
    await pipeline(source, createWriteStream(saved), { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(`${name} cannot be saved in ${folder}: ${fileErrorText(error)}`);
  } finally {
    signal?.removeEventListener('abort', release);
  }
  return { name, path: saved };
}

/** Ends the wait of a reader for a writer of the pipe: Node.js cannot cancel it, and does not exit before its end. */
function releaseReader(pipe: string): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // Nobody waits: the pipe has no reader, or is gone.
  }
}
