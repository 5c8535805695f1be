import { byteSize, formatInteger, utc } from '../../../lambda/common/format-units.ts';
import { plural, printable } from '../../../lambda/common/text.ts';
import { writeStdout } from '../../terminal/stdout.ts';
import { table } from '../../terminal/text-table.ts';
import { attachFlows, closeAttached } from '../load/attached-flows.ts';
import type { KeptLoad } from '../load/kept-load.ts';
import { type CachedFile, cachedFiles, cacheFolder, clearCache, maxCacheBytes } from './cache-folder.ts';
import { filesOf } from './load-origin.ts';

/** Prints the databases of the cache, the last used first. */
export async function listCache({ json }: { readonly json?: boolean }): Promise<void> {
  const databases = [];
  for (const file of await cachedFiles()) databases.push({ ...file, load: await loadOf(file) });
  if (json) {
    const list = databases.map(({ path, bytes, usedAt, load }) => ({
      ...{ path, bytes, lastUsed: new Date(usedAt).toISOString() },
      flows: load?.loaded.flows ?? null,
      files: load?.origin ? filesOf(load.origin) : [],
    }));
    return writeStdout(
      `${JSON.stringify({ folder: cacheFolder(), maxBytes: maxCacheBytes, databases: list }, null, 2)}\n`,
    );
  }
  const rows = databases.map(({ bytes, usedAt, load }) => [
    utc(Math.floor(usedAt / 1000)),
    byteSize(bytes),
    load ? formatInteger(load.loaded.flows) : '-',
    load?.origin ? printable(filesText(filesOf(load.origin))) : 'not readable',
  ]);
  const bytes = databases.reduce((sum, file) => sum + file.bytes, 0);
  const text = rows.length > 0 ? `${table(['last used', 'size', 'flows', 'logs'], rows, [1, 2])}\n` : '';
  await writeStdout(
    `${text}${plural(rows.length, 'database')}, ${byteSize(bytes)} of at most ${byteSize(maxCacheBytes)}, in ${cacheFolder()}\n`,
  );
}

/** Removes all databases of the cache, and prints what that frees. */
export async function emptyCache({ json }: { readonly json?: boolean }): Promise<void> {
  const { databases, bytes } = await clearCache();
  if (json) return writeStdout(`${JSON.stringify({ databases, bytes })}\n`);
  await writeStdout(`${plural(databases, 'database')} removed, ${byteSize(bytes)} freed in ${cacheFolder()}\n`);
}

/** Reads how a database was loaded; undefined if it is corrupt, or gone. */
async function loadOf({ path }: CachedFile): Promise<KeptLoad | undefined> {
  try {
    const attached = await attachFlows(path);
    await closeAttached(attached);
    return attached.load;
  } catch {
    return undefined;
  }
}

function filesText([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${formatInteger(others.length)} more`;
}
