import { readFileSync } from 'node:fs';
import { messageOf } from '../lambda/errors.ts';

/** Wrong usage or input that cannot be read: one clear line, exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * Reads a file that the user named.
 *
 * @throws InputError that names the file and says why it cannot be read
 */
export function readInput(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
