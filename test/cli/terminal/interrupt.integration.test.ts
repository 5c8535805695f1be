import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../../support/flows.ts';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const moduleAt = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);

/** Program that makes a folder and ignores the first signal; prints each step. */
const ignoresSignal = `
  import { mkdirSync } from 'node:fs';
  import { untilInterrupted } from ${moduleAt('cli/terminal/interrupt.ts')};
  import { removeAtExit } from ${moduleAt('cli/terminal/temporary-files.ts')};
  await untilInterrupted(async (interrupted) => {
    mkdirSync('temporary');
    removeAtExit('temporary');
    interrupted.addEventListener('abort', () => console.log('interrupted'));
    console.log('at work');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
`;

/** Starts the command line in another process, with the given folder for temporary files. */
function start(temporary: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'bin/flow-sentinel.ts'), ...args], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('untilInterrupted', () => {
  it('ends a query at the second signal without leftover files', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => lineOf({ srcport: n, start: epoch, end: epoch + n }));
    writeFileSync(join(folder, 'a.log'), `${lines.join('\n')}\n`);
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const endless =
      'SELECT count(*) FROM vpc_flow_logs a, vpc_flow_logs b, vpc_flow_logs c WHERE a.bytes + b.bytes + c.bytes = 1';
    const child = start(temporary, 'hunt', 'sql', endless, join(folder, 'a.log'));
    await until(() => readdirSync(temporary).length > 0);
    // Sends no signal after the folder is gone: the process has removed its handlers before it ends by itself.
    const again = setInterval(() => readdirSync(temporary).length > 0 && child.kill('SIGINT'), 20);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearInterval(again);
    // The exit code is 1 if the process handled the first signal before the second arrived.
    expect([1, 130]).toContain(code);
    expect(signal).toBeNull();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('exits with 130 and removes temporary files at the second signal when the work ignores the first', async () => {
    const workingFolder = mkdtempSync(join(folder, 'ignores-'));
    const child = spawn(process.execPath, ['--input-type=module', '--eval', ignoresSignal], {
      cwd: workingFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: string[] = [];
    const exited = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout! })) {
      output.push(line);
      if (line === 'at work') expect(readdirSync(workingFolder)).toEqual(['temporary']);
      child.kill('SIGINT');
    }
    expect(await exited).toEqual([130, null]);
    expect(output).toEqual(['at work', 'interrupted']);
    expect(readdirSync(workingFolder)).toEqual([]);
  });
});
