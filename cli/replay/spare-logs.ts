import { resolve } from 'node:path';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { InputError } from '../input-error.ts';

/**
 * Sees to it that no log is replaced by what is written of it.
 *
 * @param written the paths of files that are to be written
 * @throws InputError that names the one that is a log
 */
export function spareLogs(written: readonly (string | undefined)[], logs: readonly ReadFile[]): void {
  const paths = new Set(logs.map(({ name }) => resolve(name)));
  const log = written.find((path) => path !== undefined && paths.has(resolve(path)));
  if (log !== undefined) throw new InputError(`${log} is one of the logs and would be lost, name another file`);
}
