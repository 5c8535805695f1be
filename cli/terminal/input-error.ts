import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { messageOf } from '../../lambda/common/errors.ts';

/** Wrong usage or input that cannot be read: one clear line, exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * Reads a file that the user named: text in UTF-8, with or without a byte order mark, as it is or compressed by gzip.
 *
 * @throws InputError that names the file and says why it cannot be read
 */
export function readInput(path: string): string {
  try {
    const bytes = readFileSync(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return new TextDecoder('utf-8', { fatal: true }).decode(isGzip ? gunzipSync(bytes) : bytes);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
