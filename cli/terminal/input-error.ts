import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileErrorText } from './file-error.ts';
import { inputName, standardInput } from './standard-input.ts';

/** Invalid usage or unreadable input: the message is one line, and the exit code is 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Bound of the memory that a small compressed file can take. Longer texts do not fit into a string. */
const maxInputBytes = 1024 ** 3;

/**
 * Reads a file that the user named, or standard input for `-`: UTF-8 text with or without a byte order mark, plain or compressed with gzip.
 *
 * @throws InputError that names the file and the reason
 */
export function readInput(path: string): string {
  return inputText(readInputBytes(path), path);
}

/** Reads the bytes of such a file, decompressed. @throws InputError that names the file and the reason */
export function readInputBytes(path: string): Buffer {
  return orInputError(path, () => {
    const bytes = readFileSync(path === standardInput ? 0 : path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? gunzipSync(bytes, { maxOutputLength: maxInputBytes }) : bytes;
  });
}

/** Returns the text of the bytes of an input. @throws InputError that names the file, if it is not UTF-8 */
export function inputText(bytes: Uint8Array, path: string): string {
  return orInputError(path, () => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

function orInputError<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${inputName(path)} cannot be read: ${fileErrorText(error)}`);
  }
}
