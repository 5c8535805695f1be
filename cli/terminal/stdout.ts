import { once } from 'node:events';
import { getSystemErrorMessage } from 'node:util';

let problem: NodeJS.ErrnoException | undefined;

/** Has an error of standard output end nothing by itself, so that what is begun is cleared away first. */
export function watchStdout(): void {
  process.stdout.on('error', (error) => {
    problem ??= error;
  });
}

/** Why standard output takes no more. The stream's own `errored` is reset: standard output is never destroyed. */
export function stdoutError(): NodeJS.ErrnoException | undefined {
  return problem;
}

/**
 * Writes on standard output, and waits where who reads it is slower.
 *
 * Rejects with `stdoutProblem` when it takes no more.
 */
export async function writeStdout(text: string): Promise<void> {
  if (problem) throw problem;
  if (process.stdout.write(text)) return;
  await once(process.stdout, 'drain').catch((error: unknown) => {
    throw problem ?? error;
  });
}

const pieceLength = 64 * 1024;

/** Writes a long text on standard output piece by piece, no faster than who reads it. */
export async function writeChunks(pieces: Iterable<string>): Promise<void> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < pieceLength) continue;
    await writeStdout(text);
    text = '';
  }
  if (text !== '') await writeStdout(text);
}

/** Sets the exit code once all output is written: 1 in place of it where standard output takes no more. */
export async function exitWith(code: number): Promise<void> {
  process.exitCode = code;
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  // A reader that has seen enough, such as head, closes the pipe: that is no failure.
  if (!problem || problem.code === 'EPIPE') return;
  const reason = problem.errno === undefined ? problem.message : getSystemErrorMessage(problem.errno);
  process.stderr.write(`flow-sentinel: standard output cannot be written: ${reason}\n`);
  process.exitCode = 1;
}
