import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { lineOf } from '../../../support/flows.ts';
import type { Outcome } from '../../../support/run-program.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const program = join(import.meta.dirname, '../../../../bin/flow-sentinel.js');
const log = `${lineOf({ bytes: 5 })}\n${lineOf({ bytes: 6 })}\n`;

/** Runs the command line with an input, and its temporary files in a folder of the test. */
function runWith(input: string | Buffer, args: readonly string[], folder = temporaryFolder()): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: folder };
    const child = execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
    child.stdin!.end(input);
  });
}

const bytesOf = ({ stdout }: Outcome) =>
  (JSON.parse(stdout) as { pairs: { bytes: number }[] }).pairs.map(({ bytes }) => bytes);

describe('standard input', () => {
  it.each(['count', 'replay'])('is read by %s for -, also compressed, and leaves no file', async (command) => {
    const folder = temporaryFolder();
    expect(bytesOf(await runWith(log, [command, '--json', '-'], folder))).toEqual([11]);
    expect(bytesOf(await runWith(gzipSync(log), [command, '--json', '-', '-'], folder))).toEqual([11]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['count', 'hunt counters'])(
    'is refused by %s when there is no folder for temporary files',
    async (command) => {
      const folder = join(temporaryFolder(), 'missing');
      expect(await runWith(log, [...command.split(' '), '-'], folder)).toEqual({
        code: 2,
        stdout: '',
        stderr: `flow-sentinel: a temporary folder cannot be created in ${folder}: no such file or folder; set TMPDIR to another folder\n`,
      });
    },
  );

  it('is read by backtest and hunt for -', async () => {
    const counted = await runWith(log, [
      'hunt',
      'sql',
      'SELECT sum(bytes)::INT AS bytes FROM vpc_flow_logs',
      '-',
      '--json',
    ]);
    expect(JSON.parse(counted.stdout)).toEqual([{ bytes: 11 }]);
    expect((await runWith(log, ['backtest', '-'])).code).toBe(0);
  });

  it('is read by make-event and invoke for -', async () => {
    const event = await runWith(log, ['make-event', '-']);
    expect(bytesOf(await runWith(event.stdout, ['invoke', '--json', '-']))).toEqual([11]);
  });

  it.each(['count', 'make-event', 'invoke'])('is named in the error of %s when it is empty', async (command) => {
    const { code, stderr } = await runWith('', [command, '-']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^flow-sentinel: standard input (cannot be read|has no|is invalid)/) as unknown,
    });
  });

  it('is not named in the next step of replay, because it is gone', async () => {
    const { stdout } = await runWith(log, ['replay', '-']);
    expect(stdout).not.toMatch(/^Next:.* -( |$)/m);
  });
});

describe('a named pipe', () => {
  it('is read as a file', async () => {
    const folder = temporaryFolder();
    const [pipe, file] = [join(folder, 'pipe'), join(folder, 'file')];
    execFileSync('mkfifo', [pipe]);
    writeFileSync(file, log);
    const written = once(execFile('cp', [file, pipe]), 'exit');
    expect(bytesOf(await runWith('', ['count', '--json', pipe]))).toEqual([11]);
    expect(await written).toEqual([0, null]);
  });

  it('is waited for until an interrupt, when nobody writes to it', async () => {
    const [folder, inputs] = [temporaryFolder(), temporaryFolder()];
    const pipe = join(inputs, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const env = { ...process.env, TMPDIR: folder };
    const child = spawn(process.execPath, [program, 'count', pipe], { env, detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    // The pipe is opened before its copy gets a folder.
    await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(1), { timeout: 300_000 });
    process.kill(-child.pid!, 'SIGINT');
    await ended;
    expect(readdirSync(folder)).toEqual([]);
  });
});
