import { vi } from 'vitest';
import { run as runProgram } from '../../cli/program.ts';

/** Exit code and output of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process and captures its output. */
export async function run(...args: string[]): Promise<Outcome> {
  const { value, thrown, ...written } = await catching(() => runProgram(args));
  if (value === undefined) throw thrown;
  return { code: value, ...written };
}

/** Runs a function and captures its output, its result and its error. */
export async function catching<T>(
  work: () => Promise<T>,
): Promise<Omit<Outcome, 'code'> & { value?: T; thrown?: unknown }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk);
      return true;
    }),
  );
  try {
    const value = await work();
    return { value, ...written };
  } catch (thrown) {
    return { thrown, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
