import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { beginAtomicFile } from '../../../cli/terminal/atomic-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-atomic-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('beginAtomicFile', () => {
  it('shows the file, and no temporary file, after commit', async () => {
    const at = mkdtempSync(join(folder, 'committed-'));
    const file = await beginAtomicFile(join(at, 'a.txt'));
    await file.write('one\n');
    await file.write(Buffer.from('two\n'));
    expect(readdirSync(at)).not.toContain('a.txt');
    await file.commit();
    expect(readdirSync(at)).toEqual(['a.txt']);
    expect(readFileSync(join(at, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  it('leaves the previous content after discard', async () => {
    const at = mkdtempSync(join(folder, 'discarded-'));
    writeFileSync(join(at, 'a.txt'), 'before');
    const file = await beginAtomicFile(join(at, 'a.txt'));
    await file.write('after');
    await file.discard();
    expect(readdirSync(at)).toEqual(['a.txt']);
    expect(readFileSync(join(at, 'a.txt'), 'utf8')).toBe('before');
  });

  it('gives the mode to the file when one is given', async () => {
    const at = mkdtempSync(join(folder, 'mode-'));
    await (await beginAtomicFile(join(at, 'private'), 0o600)).commit();
    await (await beginAtomicFile(join(at, 'usual'))).commit();
    expect(statSync(join(at, 'private')).mode & 0o777).toBe(0o600);
    expect(statSync(join(at, 'usual')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('reports an unwritable path before the first write, with the reason', async () => {
    mkdirSync(join(folder, 'is-a-folder'));
    await expect(beginAtomicFile(join(folder, 'is-a-folder'))).rejects.toThrow(
      /is-a-folder cannot be written: it is a folder/,
    );
    await expect(beginAtomicFile(join(folder, 'missing', 'a.txt'))).rejects.toThrow(
      /a\.txt cannot be written: its folder does not exist$/,
    );
    await expect(beginAtomicFile('/proc/a.txt')).rejects.toThrow('/proc/a.txt cannot be written');
  });

  it('refuses a path that is not a regular file, also through a link', async () => {
    const at = mkdtempSync(join(folder, 'fifo-'));
    const fifo = join(at, 'fifo');
    execFileSync('mkfifo', [fifo]);
    symlinkSync('fifo', join(at, 'link'));
    for (const path of [fifo, join(at, 'link')]) {
      await expect(beginAtomicFile(path)).rejects.toThrow(`${path} cannot be written: it is not a regular file`);
    }
    expect(lstatSync(fifo).isFIFO()).toBe(true);
    expect(readdirSync(at).sort()).toEqual(['fifo', 'link']);
  });

  it('replaces the target of a link, and keeps the link', async () => {
    const at = mkdtempSync(join(folder, 'linked-'));
    mkdirSync(join(at, 'far'));
    writeFileSync(join(at, 'far', 'a.txt'), 'before');
    symlinkSync('far/a.txt', join(at, 'link'));
    const file = await beginAtomicFile(join(at, 'link'));
    await file.write('after');
    await file.commit();
    expect(readlinkSync(join(at, 'link'))).toBe('far/a.txt');
    expect(readFileSync(join(at, 'far', 'a.txt'), 'utf8')).toBe('after');
    expect([...readdirSync(at), ...readdirSync(join(at, 'far'))].sort()).toEqual(['a.txt', 'far', 'link']);
  });

  it('refuses a link to a missing file', async () => {
    const at = mkdtempSync(join(folder, 'dangling-'));
    symlinkSync('nothing', join(at, 'link'));
    await expect(beginAtomicFile(join(at, 'link'))).rejects.toThrow(
      'cannot be written: it is a link to a missing file',
    );
  });
});
