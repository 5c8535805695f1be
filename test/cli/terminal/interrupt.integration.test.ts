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

/** Begins a folder, says so, and works on whatever it is told; says when it is told to end. */
const stubborn = `
  import { mkdirSync } from 'node:fs';
  import { untilInterrupted } from ${moduleAt('cli/terminal/interrupt.ts')};
  import { removeAtExit } from ${moduleAt('cli/terminal/temporary-files.ts')};
  await untilInterrupted(async (interrupted) => {
    mkdirSync('begun');
    removeAtExit('begun');
    interrupted.addEventListener('abort', () => console.log('told to end'));
    console.log('at work');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
`;

/** The command line in a process of its own, with a folder of its own for temporary files. */
function start(temporary: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'bin/flow-sentinel.ts'), ...args], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a second signal', () => {
  it('ends a query at once, and leaves nothing behind', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => lineOf({ srcport: n, start: epoch, end: epoch + n }));
    writeFileSync(join(folder, 'a.log'), `${lines.join('\n')}\n`);
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const endless =
      'SELECT count(*) FROM vpc_flow_logs a, vpc_flow_logs b, vpc_flow_logs c WHERE a.bytes + b.bytes + c.bytes = 1';
    const child = start(temporary, 'hunt', 'sql', endless, join(folder, 'a.log'));
    await until(() => readdirSync(temporary).length > 0);
    // Not after its folder is gone: a process that is about to end by itself has no handlers any more.
    const again = setInterval(() => readdirSync(temporary).length > 0 && child.kill('SIGINT'), 20);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearInterval(again);
    // It has ended by itself where the first signal was heeded before the second came.
    expect([1, 130]).toContain(code);
    expect(signal).toBeNull();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends at once what does not end at the first, and removes what was begun', async () => {
    const stubbornFolder = mkdtempSync(join(folder, 'stubborn-'));
    const child = spawn(process.execPath, ['--input-type=module', '--eval', stubborn], {
      cwd: stubbornFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: string[] = [];
    const exited = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout! })) {
      said.push(line);
      if (line === 'at work') expect(readdirSync(stubbornFolder)).toEqual(['begun']);
      child.kill('SIGINT');
    }
    expect(await exited).toEqual([130, null]);
    expect(said).toEqual(['at work', 'told to end']);
    expect(readdirSync(stubbornFolder)).toEqual([]);
  });
});
