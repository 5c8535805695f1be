import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { beginFile } from '../../cli/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-whole-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a whole file', () => {
  it('is there when it is kept, and nothing beside it', async () => {
    const at = mkdtempSync(join(folder, 'kept-'));
    const file = await beginFile(join(at, 'a.txt'));
    await file.write('one\n');
    await file.write(Buffer.from('two\n'));
    expect(readdirSync(at)).not.toContain('a.txt');
    await file.keep();
    expect(readdirSync(at)).toEqual(['a.txt']);
    expect(readFileSync(join(at, 'a.txt'), 'utf8')).toBe('one\ntwo\n');
  });

  it('leaves what was there when it is discarded', async () => {
    const at = mkdtempSync(join(folder, 'discarded-'));
    writeFileSync(join(at, 'a.txt'), 'before');
    const file = await beginFile(join(at, 'a.txt'));
    await file.write('after');
    await file.discard();
    expect(readdirSync(at)).toEqual(['a.txt']);
    expect(readFileSync(join(at, 'a.txt'), 'utf8')).toBe('before');
  });

  it('says at once that it cannot be written, and why', async () => {
    mkdirSync(join(folder, 'is-a-folder'));
    await expect(beginFile(join(folder, 'is-a-folder'))).rejects.toThrow(
      /is-a-folder cannot be written: it is a folder/,
    );
    await expect(beginFile(join(folder, 'missing', 'a.txt'))).rejects.toThrow(/a\.txt cannot be written: ENOENT/);
    await expect(beginFile('/proc/a.txt')).rejects.toThrow('/proc/a.txt cannot be written');
  });
});
