import { randomUUID } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { messageOf } from '../lambda/errors.ts';
import { InputError } from './input-error.ts';

/** A file that is there whole or not at all: written beside its place under another name, and renamed at the end. */
export interface WholeFile {
  /** Resolves when there is room for more. */
  write(text: string | Uint8Array): Promise<void>;
  /** Puts the file into its place. */
  keep(): Promise<void>;
  /** Leaves what was there before, if anything, as it was. */
  discard(): Promise<void>;
}

/**
 * Begins a file, so that one learns before the work whether it can be written.
 *
 * @throws InputError that names the file and says why it cannot be written, here and in every method
 */
export async function beginFile(path: string): Promise<WholeFile> {
  const problem = (error: unknown) => {
    // The system names the file that was begun, which nobody has named.
    const reason = messageOf(error).replace(/, \w+ '.*'$/s, '');
    return new InputError(`${path} cannot be written: ${reason}`);
  };
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}`);
  let stream: WriteStream;
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new Error('it is a folder');
    stream = (await open(unfinished, 'wx')).createWriteStream();
  } catch (error) {
    throw problem(error);
  }
  const failed = finished(stream);
  failed.catch(() => {});
  const discard = async () => {
    stream.destroy();
    await failed.catch(() => {});
    await rm(unfinished, { force: true });
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
    keep: () =>
      orDiscard(
        (async () => {
          stream.end();
          await failed;
          await rename(unfinished, path);
        })(),
      ),
    discard,
  };
}
