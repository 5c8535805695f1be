import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectories } from '../../../cli/terminal/make-directories.ts';
import { run } from '../../support/run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeDirectories', () => {
  it('makes nested folders, and accepts existing ones', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeDirectories(path);
    makeDirectories(path);
    makeDirectories('.');
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('gives the mode to the folder that it makes, and to no parent and no existing folder', () => {
    const parent = join(folder, 'parent');
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    makeDirectories(join(parent, 'private'), 0o700);
    const before = modeOf(parent);
    makeDirectories(parent, 0o700);
    expect(modeOf(join(parent, 'private'))).toBe(0o700);
    expect(modeOf(parent)).toBe(before);
    expect(before).toBe(0o777 & ~process.umask());
  });

  it('throws for a path that is a file or is below a file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeDirectories(file)).toThrow('EEXIST');
    expect(() => makeDirectories(join(file, 'a'))).toThrow('ENOTDIR');
    expect(() => makeDirectories(join(file, 'a', 'b'))).toThrow();
  });

  it.skipIf(!existsSync('/proc/self'))('fails in a folder that accepts no folders', async () => {
    const { code, stderr } = await run('make-logs', '/proc/flow-sentinel');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('cannot be written: no such file or folder'),
    });
  });
});
