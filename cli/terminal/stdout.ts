import { once } from 'node:events';
import { getSystemErrorMessage } from 'node:util';

let problem: NodeJS.ErrnoException | undefined;

/** Records an error of standard output instead of ending the process, so that commands clean up first. */
export function watchStdout(): void {
  process.stdout.on('error', (error) => {
    problem ??= error;
  });
}

/** Returns the first error of standard output. Its `errored` is reset, since standard output is never destroyed. */
export function stdoutError(): NodeJS.ErrnoException | undefined {
  return problem;
}

/** Writes text to standard output, and waits for a slow reader. Rejects with `stdoutError` if the output is closed. */
export async function writeStdout(text: string): Promise<void> {
  if (problem) throw problem;
  if (process.stdout.write(text)) return;
  await once(process.stdout, 'drain').catch((error: unknown) => {
    throw problem ?? error;
  });
}

/** Writes bytes to standard output, and waits until they are written, since they may change then. Rejects as writeStdout. */
async function writeBytes(bytes: Uint8Array): Promise<void> {
  if (problem) throw problem;
  process.stdout.write(bytes);
  if (process.stdout.writableLength === 0) return;
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  if (problem) throw problem;
}

const bufferLength = 64 * 1024;

/**
 * Writes a long text to standard output in chunks, no faster than its reader.
 *
 * @param chunks texts, or their bytes in UTF-8, which may change when the next chunk is taken
 */
export async function writeChunks(chunks: Iterable<string | Uint8Array>): Promise<void> {
  let text = '';
  for (const chunk of chunks) {
    const isText = typeof chunk === 'string';
    if (isText) text += chunk;
    if (isText && text.length < bufferLength) continue;
    await writeStdout(text);
    text = '';
    if (!isText) await writeBytes(chunk);
  }
  if (text !== '') await writeStdout(text);
}

/** Waits for all output and sets the exit code: 1 instead of the given code if standard output failed. */
export async function exitWith(code: number): Promise<void> {
  process.exitCode = code;
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  // A reader such as head closes the pipe early: that is not a failure.
  if (!problem || problem.code === 'EPIPE') return;
  const reason = problem.errno === undefined ? problem.message : getSystemErrorMessage(problem.errno);
  process.stderr.write(`flow-sentinel: standard output cannot be written: ${reason}\n`);
  process.exitCode = 1;
}
