import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The wall time and the processor time (user and system) of a process, in seconds. */
export interface Durations {
  readonly wall: number;
  readonly processor: number;
}

export interface ProcessResult extends Durations {
  /** The standard output. */
  readonly output: string;
}

/** The measures of a process whose first output matters, in seconds. */
export interface FirstOutput {
  /** The wall time from the start to the first output; to the end for a program without output. */
  readonly first: number;
  readonly processor: number;
}

const script = 'TIMEFORMAT="%R %U %S"; time "${@:2}" 2>"$1"';

/**
 * Runs a program to its end. Bash's `time` measures only this process, with all of its threads. Its output goes to a file,
 * because reading a pipe would use processor time.
 *
 * @throws Error with the last lines of the error output if the program fails
 */
export async function runChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const [out, err, times] = ['out', 'err', 'times'].map((name) => join(directory, name)) as [string, string, string];
  const [outFile, timesFile] = [openSync(out, 'w'), openSync(times, 'w')];
  try {
    const child = spawn('bash', ['-c', script, 'bash', err, ...command], {
      stdio: ['ignore', outFile, timesFile],
      env: { ...process.env, LC_ALL: 'C', ...environment },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      throw new Error(`${command[0]} ended with ${code}: ${lastLinesOf(err)}`);
    }
    const [wall, user, system] = readFileSync(times, 'utf8').trim().split(' ').map(Number) as [number, number, number];
    return { wall, processor: user + system, output: readFileSync(out, 'utf8') };
  } finally {
    closeSync(outFile);
    closeSync(timesFile);
    rmSync(directory, { recursive: true });
  }
}

/** Runs a program with the Node.js of this process. */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  return runChild([process.execPath, ...args], environment);
}

/**
 * Runs a program to its end like `runChild`, and measures when its first output comes.
 *
 * @throws Error with the last lines of the error output if the program fails
 */
export async function runToFirstOutput(command: readonly string[]): Promise<FirstOutput> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const errors = join(directory, 'err');
  try {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const child = spawn('bash', ['-c', script, 'bash', errors, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let first: number | undefined;
    child.stdout.on('data', () => {
      first ??= seconds();
    });
    const times = text(child.stderr);
    const [code] = (await once(child, 'close')) as [number | null];
    const end = seconds();
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${lastLinesOf(errors)}`);
    const [, user, system] = (await times).trim().split(' ').map(Number) as [number, number, number];
    return { first: first ?? end, processor: user + system };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function lastLinesOf(path: string): string {
  return readFileSync(path, 'utf8').trim().split('\n').slice(-3).join(' ').slice(0, 500);
}
