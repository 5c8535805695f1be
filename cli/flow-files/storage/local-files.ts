import type { Dirent, Stats } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../lambda/common/errors.ts';
import { InputError } from '../../terminal/input-error.ts';
import { type FindProblem, type Found, isBeside, type StoredFile } from './stored-file.ts';

/** How much of a file is read at once, in bytes. */
const readBytes = 64 * 1024;

/**
 * The file that a path names, or all files of a folder and the folders in it. Links to folders are not followed.
 *
 * @throws InputError that names the path, where it is not there, cannot be read, or holds no file that could be a flow log
 */
export async function localFiles(path: string): Promise<Found> {
  if (path === '-') throw new InputError('standard input is not read; save it in a file first');
  const { isFolder, ...file } = await look(path);
  if (!isFolder) return { files: [await storedFile(path, file.bytes)], problems: [] };
  const found: Collected = { files: [], problems: [] };
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
    throw new InputError(`${path} cannot be read: ${messageOf(error)}`);
  });
  await collect(path, entries, found);
  if (found.files.length + found.problems.length === 0) throw new InputError(`${path} holds no flow log file`);
  return found;
}

async function look(path: string): Promise<{ isFolder: boolean; bytes: number }> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(isMissing ? `${path} is not there` : `${path} cannot be read: ${messageOf(error)}`);
  }
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new InputError(`${path} is no file or folder; save what comes from it in a file first`);
  }
  return { isFolder: stats.isDirectory(), bytes: stats.size };
}

interface Collected extends Found {
  readonly files: StoredFile[];
  readonly problems: FindProblem[];
}

async function collect(folder: string, entries: readonly Dirent[], found: Collected): Promise<void> {
  for (const entry of entries) {
    if (isBeside(entry.name)) continue;
    const name = join(folder, entry.name);
    try {
      if (entry.isDirectory()) await collect(name, await readdir(name, { withFileTypes: true }), found);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        const stats = await stat(name);
        if (stats.isFile() && stats.size > 0) found.files.push(await storedFile(name, stats.size));
      }
    } catch (error) {
      found.problems.push({ name, problem: messageOf(error) });
    }
  }
}

/** A file by its real path: one that is named again by a link is the same one. */
async function storedFile(name: string, bytes: number): Promise<StoredFile> {
  const path = await realpath(name);
  return { name, bytes, path, open: (most = Number.POSITIVE_INFINITY) => readLocal(path, most) };
}

async function* readLocal(path: string, most: number): AsyncGenerator<Buffer> {
  const handle = await open(path);
  try {
    for (let left = most; left > 0; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(readBytes, left)));
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
