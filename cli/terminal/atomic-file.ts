import { randomUUID } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { messageOf } from '../../lambda/common/errors.ts';
import { InputError } from './input-error.ts';
import { removeAtExit } from './temporary-files.ts';

/** A file that is there whole or not at all: written beside its place under another name, and renamed at the end. */
export interface AtomicFile {
  /** Resolves when there is room for more. */
  write(text: string | Uint8Array): Promise<void>;
  /** Puts the file into its place. */
  commit(): Promise<void>;
  /** Leaves what was there before, if anything, as it was. */
  discard(): Promise<void>;
}

/**
 * Begins a file, so that one learns before the work whether it can be written. A link stays, and what it leads to is
 * replaced; what is no regular file, such as a device, is never replaced.
 *
 * @throws InputError that names the file and says why it cannot be written, here and in every method
 */
export async function beginAtomicFile(path: string): Promise<AtomicFile> {
  const problem = (error: unknown) => {
    // The system names the file that was begun, which nobody has named.
    const reason = messageOf(error).replace(/, \w+ '.*'$/s, '');
    return new InputError(`${path} cannot be written: ${reason}`);
  };
  let place: string;
  let unfinished: string;
  let stream: WriteStream;
  let keepAtExit: () => void;
  try {
    place = await placeOf(path);
    unfinished = join(dirname(place), `.${basename(place)}.${randomUUID().slice(0, 8)}`);
    stream = (await open(unfinished, 'wx')).createWriteStream();
    keepAtExit = removeAtExit(unfinished);
  } catch (error) {
    throw problem(error);
  }
  const failed = finished(stream);
  failed.catch(() => {});
  const discard = async () => {
    stream.destroy();
    await failed.catch(() => {});
    await rm(unfinished, { force: true });
    keepAtExit();
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
          await failed;
          await rename(unfinished, place);
          keepAtExit();
        })(),
      ),
    discard,
  };
}

/** Where the file goes: where a link leads. */
async function placeOf(path: string): Promise<string> {
  const there = await lstat(path).catch(() => undefined);
  if (!there) {
    if (!(await stat(dirname(path)).catch(() => undefined))) throw new Error('the folder is not there');
    return path;
  }
  const place = await realpath(path).catch(() => {
    throw new Error('it is a link to what is not there');
  });
  const stats = await stat(place);
  if (stats.isDirectory()) throw new Error('it is a folder');
  if (!stats.isFile()) throw new Error('it is no regular file');
  return place;
}
