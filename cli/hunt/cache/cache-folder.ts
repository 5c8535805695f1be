import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { daySeconds } from '../../../lambda/common/calendar.ts';

/** Upper bound of the databases in the cache, in bytes: some two hundred million flows of the default format. */
export const maxCacheBytes = 4 * 1024 ** 3;

/** A database that is being written has this in its name; it is removed if nobody has written to it for a day. */
const unfinishedMark = '.unfinished-';

/**
 * Returns the folder of the cache: that of the environment variable FLOW_SENTINEL_HUNT_CACHE, for a checkout that is
 * read-only or on a small disk, or else `.cache/hunt` of the project.
 */
export function cacheFolder(): string {
  return process.env.FLOW_SENTINEL_HUNT_CACHE || join(import.meta.dirname, '../../../.cache/hunt');
}

/** Makes the folder of the cache, which only its owner can open. @throws the error of the system */
export async function makeCacheFolder(): Promise<string> {
  const folder = cacheFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A database in the cache. */
export interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  /** Time of the last use, in epoch milliseconds. */
  readonly usedAt: number;
}

/** Returns the databases in the cache, the last used first; none without a cache. */
export async function cachedFiles(): Promise<CachedFile[]> {
  const { complete } = await filesInCache();
  return complete.sort((a, b) => b.usedAt - a.usedAt);
}

/** Returns the path for a database that is being written, which becomes `path` by a rename. */
export function unfinishedPath(path: string, unique: string): string {
  return `${path}${unfinishedMark}${unique}`;
}

/** Notes that a database was used. */
export async function noteUse(path: string): Promise<void> {
  const now = new Date();
  // Another process may have removed the file.
  await utimes(path, now, now).catch(() => {});
}

/** Removes the databases that were not used for the longest time, until the others are within the upper bound. */
export async function evict(maxBytes = maxCacheBytes): Promise<void> {
  let bytes = 0;
  for (const file of await cachedFiles()) {
    bytes += file.bytes;
    if (bytes > maxBytes) await rm(file.path, { force: true });
  }
  await removeAbandoned();
}

/** Removes all databases of the cache. A process that reads one keeps it until its end. @returns the bytes freed */
export async function clearCache(): Promise<{ readonly databases: number; readonly bytes: number }> {
  const files = await cachedFiles();
  for (const { path } of files) await rm(path, { force: true });
  const bytes = files.reduce((sum, file) => sum + file.bytes, await removeAbandoned());
  return { databases: files.length, bytes };
}

/** Removes what ended processes have left. @returns the bytes freed */
async function removeAbandoned(): Promise<number> {
  let freed = 0;
  for (const { path, bytes, usedAt } of (await filesInCache()).unfinished) {
    if (Date.now() - usedAt < daySeconds * 1000) continue;
    await rm(path, { force: true });
    freed += bytes;
  }
  return freed;
}

async function filesInCache(): Promise<{ complete: CachedFile[]; unfinished: CachedFile[] }> {
  const folder = cacheFolder();
  const names = await readdir(folder).catch(() => []);
  const complete: CachedFile[] = [];
  const unfinished: CachedFile[] = [];
  for (const name of names) {
    const isComplete = name.endsWith('.duckdb');
    if (!isComplete && !name.includes(unfinishedMark)) continue;
    const path = join(folder, name);
    // Another process may have removed the file.
    const stats = await stat(path).catch(() => undefined);
    if (stats) (isComplete ? complete : unfinished).push({ path, bytes: stats.size, usedAt: stats.mtimeMs });
  }
  return { complete, unfinished };
}
