import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process took: seconds on the clock, and seconds of all processors, its own and the system's for it. */
export interface Taken {
  readonly wall: number;
  readonly processor: number;
}

export interface Ran extends Taken {
  /** What it printed. */
  readonly output: string;
}

/**
 * Runs a program to its end. Bash's `time` tells what it took, of this process alone and with all of its threads;
 * what it prints goes into a file, so that nobody reads along and takes part of the processor.
 *
 * @throws Error with what it said when it fails
 */
export async function runChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const directory = mkdtempSync(join(tmpdir(), 'flow-sentinel-bench-'));
  const [out, err, times] = ['out', 'err', 'times'].map((name) => join(directory, name)) as [string, string, string];
  const [outFile, timesFile] = [openSync(out, 'w'), openSync(times, 'w')];
  try {
    const script = 'TIMEFORMAT="%R %U %S"; time "${@:2}" 2>"$1"';
    const child = spawn('bash', ['-c', script, 'bash', err, ...command], {
      stdio: ['ignore', outFile, timesFile],
      env: { ...process.env, LC_ALL: 'C', ...environment },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      const said = readFileSync(err, 'utf8').trim().split('\n').slice(-3).join(' ').slice(0, 500);
      throw new Error(`${command[0]} ended with ${code}: ${said}`);
    }
    const [wall, user, system] = readFileSync(times, 'utf8').trim().split(' ').map(Number) as [number, number, number];
    return { wall, processor: user + system, output: readFileSync(out, 'utf8') };
  } finally {
    closeSync(outFile);
    closeSync(timesFile);
    rmSync(directory, { recursive: true });
  }
}

/** Runs a program by this Node.js. */
export function runNode(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runChild([process.execPath, ...args], environment);
}
