import { randomUUID } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileErrorText } from './file-error.ts';
import { InputError } from './input-error.ts';
import { removeAtExit } from './temporary-files.ts';

/** A file that appears complete or not at all: it is written under a temporary name and renamed at the end. */
export interface AtomicFile {
  /** Writes the next part; resolves when the stream accepts more. */
  write(text: string | Uint8Array): Promise<void>;
  /** Moves the complete file to its path. */
  commit(): Promise<void>;
  /** Removes the temporary file; an existing file at the path stays unchanged. */
  discard(): Promise<void>;
}

/**
 * Creates a file before the work starts, so that an unwritable path is reported early. A link stays, and its target is
 * replaced. A path that is not a regular file, such as a device, is rejected.
 *
 * @param mode permissions of the new file, from which the umask takes some
 * @throws InputError that names the file and the reason, here and in every method
 */
export async function beginAtomicFile(path: string, mode = 0o666): Promise<AtomicFile> {
  const problem = (error: unknown) => {
    // A message of the system ends with the temporary name, which the user has not given.
    const reason = fileErrorText(error).replace(/, \w+ '.*'$/s, '');
    return new InputError(`${path} cannot be written: ${reason}`);
  };
  let target: string;
  let temporary: string;
  let stream: WriteStream;
  let cancelRemoval: () => void;
  try {
    target = await targetOf(path);
    temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}`);
    stream = (await open(temporary, 'wx', mode)).createWriteStream();
    cancelRemoval = removeAtExit(temporary);
  } catch (error) {
    throw problem(error);
  }
  const closed = finished(stream);
  closed.catch(() => {});
  const discard = async () => {
    stream.destroy();
    await closed.catch(() => {});
    await rm(temporary, { force: true });
    cancelRemoval();
  };
  const orDiscard = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      await discard();
      throw problem(error);
    }
  };
  return {
    write: (text) =>
      orDiscard(new Promise<void>((resolve, reject) => stream.write(text, (e) => (e ? reject(e) : resolve())))),
    commit: () =>
      orDiscard(
        (async () => {
          stream.end();
          await closed;
          await rename(temporary, target);
          cancelRemoval();
        })(),
      ),
    discard,
  };
}

/** Returns the path of the file, or the target of a link. */
async function targetOf(path: string): Promise<string> {
  const existing = await lstat(path).catch(() => undefined);
  if (!existing) {
    if (!(await stat(dirname(path)).catch(() => undefined))) throw new Error('its folder does not exist');
    return path;
  }
  const target = await realpath(path).catch(() => {
    throw new Error('it is a link to a missing file');
  });
  const stats = await stat(target);
  if (stats.isDirectory()) throw new Error('it is a folder');
  if (!stats.isFile()) throw new Error('it is not a regular file');
  return target;
}
