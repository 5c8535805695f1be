import { randomUUID } from 'node:crypto';
import { lstat, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileErrorText } from '../../terminal/file-error.ts';
import { InputError } from '../../terminal/input-error.ts';
import { type AttachedFlows, attachFlows, NotAFlowDatabase } from '../load/attached-flows.ts';

/** The file of `--keep`. */
export interface KeepFile {
  /** As given. */
  readonly name: string;
  /** The path behind links. */
  readonly path: string;
  /** The database in the file; undefined if the file is missing. */
  readonly attached: AttachedFlows | undefined;
}

/**
 * Opens the file of `--keep`.
 *
 * @throws InputError if the file is something else than a database of hunt, or its folder is missing
 */
export async function openKeepFile(name: string): Promise<KeepFile> {
  const exists = (await lstat(name).catch(() => undefined)) !== undefined;
  if (!exists) {
    const folder = await stat(dirname(name)).catch(() => undefined);
    if (!folder?.isDirectory()) throw new InputError(`--keep is invalid: the folder of ${name} does not exist`);
    return { name, path: name, attached: undefined };
  }
  try {
    const path = await realpath(name);
    if (!(await stat(path)).isFile()) throw new NotAFlowDatabase('it is not a regular file');
    return { name, path, attached: await attachFlows(path) };
  } catch (error) {
    const reason = error instanceof NotAFlowDatabase ? error.message : fileErrorText(error);
    throw new InputError(
      `--keep is invalid: ${name} is not a database of hunt (${reason}); remove the file, or name another one`,
    );
  }
}

/**
 * Checks that the file of `--keep` is not in a folder of logs, where the next run would take it for a log.
 *
 * @param paths the paths of the logs, as given
 * @throws InputError that names the folder
 */
export async function checkOutsideLogs(name: string, paths: readonly string[]): Promise<void> {
  const folder = await realpath(dirname(name)).catch(() => undefined);
  for (const path of folder === undefined ? [] : paths) {
    const logs = await realpath(path).catch(() => undefined);
    if (logs === undefined || relative(logs, folder!).startsWith('..') || !(await stat(logs)).isDirectory()) continue;
    throw new InputError(`--keep is invalid: ${name} is in ${path}, a folder of logs; name a file elsewhere`);
  }
}

/** Returns a path for the new database, beside the file. */
export function besideKeepFile({ path }: KeepFile): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}`);
}

/** Moves a complete database to its path. @throws InputError that names the file and the reason */
export async function moveDatabase(from: string, { name, path }: Pick<KeepFile, 'name' | 'path'>): Promise<void> {
  await rename(from, path).catch((error: unknown) => {
    throw new InputError(`${name} cannot be written: ${fileErrorText(error)}`);
  });
}
