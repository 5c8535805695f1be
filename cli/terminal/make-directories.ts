import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and its missing parents, one at a time. Node's recursive mkdir does not return for an existing parent that
 * accepts no folder, such as /proc.
 *
 * @param mode permissions of the folder, from which the umask takes some; not of its parents, or of an existing folder
 * @throws the error of the system
 */
export function makeDirectories(path: string, mode = 0o777): void {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeDirectories(parent);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
