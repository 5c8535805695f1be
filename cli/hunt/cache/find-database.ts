import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttachedFlows, attachFlows, closeAttached, NotAFlowDatabase } from '../load/attached-flows.ts';
import { cacheFolder, noteUse } from './cache-folder.ts';
import { cacheNames, hasOrigin, type Origin } from './load-origin.ts';

/** Attaches the database of the cache that has an origin; undefined if there is none. A corrupt one is removed. */
export async function findInCache(origin: Origin): Promise<AttachedFlows | undefined> {
  const { any, own } = cacheNames(origin);
  for (const name of [any, own]) {
    const path = join(cacheFolder(), name);
    const attached = await attachIfThere(path);
    if (!attached) continue;
    if (hasOrigin(attached.load, origin)) {
      await noteUse(path);
      return attached;
    }
    await closeAttached(attached);
  }
  return undefined;
}

async function attachIfThere(path: string): Promise<AttachedFlows | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await attachFlows(path);
  } catch (error) {
    if (!(error instanceof NotAFlowDatabase)) throw error;
    await rm(path, { force: true });
    return undefined;
  }
}
