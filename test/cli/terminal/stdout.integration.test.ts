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

/** Runs the program with a closed standard output or a device; also returns the leftover temporary files. */
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
  const leftovers = readdirSync(temporary).filter((name) => name.startsWith('flow-sentinel-'));
  return { code, stderr, leftovers };
}

const commands = [
  ['hunt', ['hunt', 'host', '10.0.1.5', log, '--csv']],
  ['replay', ['replay', log]],
  ['make-event', ['make-event', log]],
] as const;

describe('standard output', () => {
  it.each(commands)('ends %s with 0, no message and no leftover files when closed', async (_, args) => {
    expect(await ended(args, 'closed')).toEqual({ code: 0, stderr: '', leftovers: [] });
  });

  it.skipIf(!existsSync('/dev/full')).each(commands)(
    'ends %s with 1 and a one-line message when full',
    async (_, args) => {
      const full = openSync('/dev/full', 'w');
      const stderr = 'flow-sentinel: standard output cannot be written: no space left on device\n';
      expect(await ended(args, full)).toEqual({ code: 1, stderr, leftovers: [] });
      closeSync(full);
    },
  );
});
