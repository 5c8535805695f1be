import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { daySeconds } from '../../../lambda/common/calendar.ts';

/** Upper bound of the databases in the cache, in bytes: some two hundred million flows of the default format. */
export const maxCacheBytes = 4 * 1024 ** 3;

/** Upper bound of the files with compiled networks. */
const maxNetworks = 100;

/** A database that is being written has this in its name; it is removed if nobody has written to it for a day. */
const unfinishedMark = '.unfinished-';

/** The end of the names of files with compiled networks. */
export const networksSuffix = '.networks.json';

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
  const { networks } = await filesInCache();
  networks.sort((a, b) => b.usedAt - a.usedAt);
  for (const { path } of networks.slice(maxNetworks)) await rm(path, { force: true });
  await removeAbandoned();
}

/** Removes all that is in the cache. A process that reads a database keeps it until its end. @returns the bytes freed */
export async function clearCache(): Promise<{ readonly databases: number; readonly bytes: number }> {
  const files = await cachedFiles();
  for (const { path } of files) await rm(path, { force: true });
  const { networks } = await filesInCache();
  for (const { path } of networks) await rm(path, { force: true });
  const bytes = [...files, ...networks].reduce((sum, file) => sum + file.bytes, await removeAbandoned());
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

async function filesInCache() {
  const folder = cacheFolder();
  const found = { complete: [] as CachedFile[], unfinished: [] as CachedFile[], networks: [] as CachedFile[] };
  for (const name of await readdir(folder).catch(() => [])) {
    const kind = kindOf(name);
    const path = join(folder, name);
    // Another process may have removed the file.
    const stats = kind && (await stat(path).catch(() => undefined));
    if (kind && stats) found[kind].push({ path, bytes: stats.size, usedAt: stats.mtimeMs });
  }
  return found;
}

function kindOf(name: string): 'complete' | 'unfinished' | 'networks' | undefined {
  if (name.endsWith('.duckdb')) return 'complete';
  if (name.endsWith(networksSuffix)) return 'networks';
  return name.includes(unfinishedMark) || name.includes(`${networksSuffix}.`) ? 'unfinished' : undefined;
}
