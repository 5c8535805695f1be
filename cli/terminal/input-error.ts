import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileErrorText } from './file-error.ts';
import { inputName, standardInput } from './standard-input.ts';

/** Invalid usage or unreadable input: the message is one line, and the exit code is 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * Reads a file that the user named, or standard input for `-`: UTF-8 text with or without a byte order mark, plain or compressed with gzip.
 *
 * @throws InputError that names the file and the reason
 */
export function readInput(path: string): string {
  try {
    const bytes = readFileSync(path === standardInput ? 0 : path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return new TextDecoder('utf-8', { fatal: true }).decode(isGzip ? gunzipSync(bytes) : bytes);
  } catch (error) {
    throw new InputError(`${inputName(path)} cannot be read: ${fileErrorText(error)}`);
  }
}
