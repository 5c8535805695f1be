import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one by one: Node's own recursive mkdir never ends where a folder is there but takes
 * none, as /proc is.
 *
 * @throws what the system says
 */
export function makeDirectories(path: string): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeDirectories(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
