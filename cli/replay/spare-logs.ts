import { resolve } from 'node:path';
import type { ReadFile } from '../flow-files/flow-files.ts';
import { InputError } from '../input-error.ts';

/**
 * Sees to it that what is written replaces no log, and nothing else that is written.
 *
 * @param written the paths of files that are to be written
 * @throws InputError that names the one that would be lost
 */
export function spareLogs(written: readonly (string | undefined)[], logs: readonly ReadFile[]): void {
  const paths = new Set(logs.map(({ name }) => resolve(name)));
  const own = new Set<string>();
  for (const path of written) {
    if (path === undefined) continue;
    const whole = resolve(path);
    if (paths.has(whole)) throw new InputError(`${path} is one of the logs and would be lost, name another file`);
    if (own.has(whole)) throw new InputError(`${path} is named for two things, name another file for one of them`);
    own.add(whole);
  }
}
