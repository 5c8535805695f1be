import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileErrorText } from './file-error.ts';
import { InputError } from './input-error.ts';

const paths = new Set<string>();

/**
 * Removes a file or folder if the process exits early, as after a second signal.
 *
 * @returns a function that cancels the removal
 */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.on('exit', removeAll);
  paths.add(path);
  return () => {
    paths.delete(path);
    if (paths.size === 0) process.off('exit', removeAll);
  };
}

/**
 * Creates a folder for temporary files. The caller removes it. At once, so that no signal comes between this and
 * `removeAtExit`.
 *
 * @param purpose a word in the name of the folder
 * @throws InputError if the system's folder for temporary files is missing, full or read-only
 */
export function createTemporaryFolder(purpose: string): string {
  try {
    return mkdtempSync(join(tmpdir(), `flow-sentinel-${purpose}-`));
  } catch (error) {
    throw new InputError(
      `a temporary folder cannot be created in ${tmpdir()}: ${fileErrorText(error)}; set TMPDIR to another folder`,
    );
  }
}

function removeAll(): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
