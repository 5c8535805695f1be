import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileErrorText } from '../../../cli/terminal/file-error.ts';

describe('fileErrorText', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sentinel-'));
  const textOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return fileErrorText(error);
    }
    throw new Error('the operation succeeded');
  };

  it('says the reason in words when the system gives a code', () => {
    expect(textOf(() => readFileSync(join(folder, 'missing')))).toBe('no such file or folder');
    expect(textOf(() => readFileSync(folder))).toBe('it is a folder');
    expect(textOf(() => mkdirSync(folder))).toBe('a file with this name exists');
  });

  it('keeps the message when the error has no known code', () => {
    expect(fileErrorText(new Error('the encoding is invalid'))).toBe('the encoding is invalid');
    expect(fileErrorText('text')).toBe('text');
  });
});
