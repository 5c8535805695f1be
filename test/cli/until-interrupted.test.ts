import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { epoch, lineOf } from '../flows.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
    const again = setInterval(() => child.kill('SIGINT'), 20);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearInterval(again);
    // It has ended by itself where the first signal was heeded before the second came.
    expect([1, 130]).toContain(code);
    expect(signal).toBeNull();
    expect(readdirSync(temporary)).toEqual([]);
  });
});
