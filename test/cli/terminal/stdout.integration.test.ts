import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lineOf, v2 } from '../../support/flows.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-stdout-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = join(folder, 'day.log');
writeFileSync(log, `${v2.names.join(' ')}\n${lineOf()}\n`);
const program = join(import.meta.dirname, '../../../bin/flow-sentinel.ts');

/** Runs the program on a standard output that is closed, or a device; answers what it left in its temporary folder. */
async function ended(args: readonly string[], stdout: number | 'closed') {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  child.stdout?.destroy();
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const left = readdirSync(temporary).filter((name) => name.startsWith('flow-sentinel-'));
  return { code, stderr, left };
}

const commands = [
  ['hunt', ['hunt', 'host', '10.0.1.5', log, '--csv']],
  ['replay', ['replay', log]],
  ['make-event', ['make-event', log]],
] as const;

describe('a standard output', () => {
  it.each(commands)('that is closed ends %s quietly, and nothing is left', async (_, args) => {
    expect(await ended(args, 'closed')).toEqual({ code: 0, stderr: '', left: [] });
  });

  it.skipIf(!existsSync('/dev/full')).each(commands)('that is full ends %s in one line', async (_, args) => {
    const full = openSync('/dev/full', 'w');
    const stderr = 'flow-sentinel: standard output cannot be written: no space left on device\n';
    expect(await ended(args, full)).toEqual({ code: 1, stderr, left: [] });
    closeSync(full);
  });
});
