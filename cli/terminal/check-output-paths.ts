import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from './input-error.ts';

/**
 * Sees to it that what is written replaces nothing that is read, and nothing else that is written, links or not.
 *
 * @param written the paths of files that are to be written
 * @param what what is read, in the plural
 * @throws InputError that names the one that would be lost
 */
export function checkOutputPaths(
  written: readonly (string | undefined)[],
  read: readonly { readonly name: string }[],
  what = 'logs',
): void {
  const own = new Set<string>();
  const paths = new Set(written.some((path) => path !== undefined) ? read.map(({ name }) => placeOf(name)) : []);
  for (const path of written) {
    if (path === undefined) continue;
    const place = placeOf(path);
    if (paths.has(place)) throw new InputError(`${path} is one of the ${what} and would be lost, name another file`);
    if (own.has(place)) throw new InputError(`${path} is named for two things, name another file for one of them`);
    own.add(place);
  }
}

/** Where a file is behind all links, be it there yet or not. */
function placeOf(path: string): string {
  return real(path) ?? join(real(dirname(path)) ?? resolve(dirname(path)), basename(path));
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
