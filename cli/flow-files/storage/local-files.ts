import type { BigIntStats, Dirent, Stats } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorText } from '../../terminal/file-error.ts';
import { InputError } from '../../terminal/input-error.ts';
import { standardInput } from '../../terminal/standard-input.ts';
import { savePipe } from './piped-file.ts';
import { type FindProblem, type Found, isIgnoredName, type StoredFile } from './stored-file.ts';

/** Bytes of a file that are read at once. */
const readBytes = 64 * 1024;

/**
 * Finds the file that a path names, or all files below a folder. Does not follow links to folders. Standard input (`-`)
 * and named pipes are saved in temporary files.
 *
 * @throws InputError that names the path if it is missing, cannot be read, or has no candidate for a flow log file
 */
export async function localFiles(path: string, signal?: AbortSignal): Promise<Found> {
  const { isFolder, isPipe } = path === standardInput ? standardInputFile : await inspect(path);
  if (isPipe) {
    const saved = await savePipe(path, signal);
    const stored = await storedFile(saved.path);
    return { files: [{ ...stored, name: saved.name, version: undefined }], problems: [] };
  }
  if (!isFolder) return { files: [await storedFile(path)], problems: [] };
  const found: Collected = { files: [], problems: [] };
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  });
  await collect(path, entries, found);
  if (found.files.length + found.problems.length === 0) throw new InputError(`${path} has no flow log file`);
  return found;
}

interface Inspected {
  readonly isFolder: boolean;
  readonly isPipe: boolean;
}

const standardInputFile: Inspected = { isFolder: false, isPipe: true };

async function inspect(path: string): Promise<Inspected> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(isMissing ? `${path} does not exist` : `${path} cannot be read: ${fileErrorText(error)}`);
  }
  if (!stats.isFile() && !stats.isDirectory() && !stats.isFIFO()) {
    throw new InputError(
      `${path} is invalid: got a device, expected a file, folder or pipe; save its content in a file first`,
    );
  }
  return { isFolder: stats.isDirectory(), isPipe: stats.isFIFO() };
}

interface Collected extends Found {
  readonly files: StoredFile[];
  readonly problems: FindProblem[];
}

async function collect(folder: string, entries: readonly Dirent[], found: Collected): Promise<void> {
  for (const entry of entries) {
    if (isIgnoredName(entry.name)) continue;
    const name = join(folder, entry.name);
    try {
      if (entry.isDirectory()) await collect(name, await readdir(name, { withFileTypes: true }), found);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        const stats = await stat(name, { bigint: true });
        if (stats.isFile() && stats.size > 0) found.files.push(await storedFile(name, stats));
      }
    } catch (error) {
      found.problems.push({ name, problem: fileErrorText(error) });
    }
  }
}

/** Returns the file with its real path, by which a file and a link to it are the same. */
async function storedFile(name: string, known?: BigIntStats): Promise<StoredFile> {
  const path = await realpath(name);
  const { size, mtimeNs } = known ?? (await stat(name, { bigint: true }));
  return {
    name,
    bytes: Number(size),
    path,
    version: `modified at ${mtimeNs} ns`,
    open: (maxBytes = Number.POSITIVE_INFINITY) => readLocal(path, maxBytes),
  };
}

async function* readLocal(path: string, maxBytes: number): AsyncGenerator<Buffer> {
  const handle = await open(path);
  try {
    for (let remaining = maxBytes; remaining > 0; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(readBytes, remaining)));
      if (bytesRead === 0) return;
      remaining -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
