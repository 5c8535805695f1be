import { vi } from 'vitest';
import { run as runProgram } from '../../cli/program.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, and catches what it writes. */
export async function run(...args: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await runProgram(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
