import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { networkText } from '../../../lambda/networks/ip-address.ts';
import type { RuleSet } from '../../../lambda/rules/model.ts';
import { settingsPath } from '../../../lib/settings/load-settings.ts';
import type { MonitoredNetworkOptions, MonitoredNetworks } from '../../monitored-networks/monitored-networks.ts';
import { cacheFolder, makeCacheFolder, networksSuffix } from './cache-folder.ts';

/** Increase it when the compiled form of the networks changes. */
const version = 1;

/** The named and the monitored networks of a run. */
export interface Networks {
  readonly lists: RuleSet['lists'];
  readonly monitored: MonitoredNetworks;
}

/** The file of named networks that comes with the program. */
const defaultFile = join(import.meta.dirname, '../../../rules/networks.yml');

/**
 * Reads the named and the monitored networks. To compile them takes longer than a query, so the result is in the cache.
 *
 * @param usesCache whether the cache may be read and written
 * @throws as compileNetworks and monitoredNetworksOf
 */
export async function readNetworks(options: MonitoredNetworkOptions, usesCache: boolean): Promise<Networks> {
  const name = usesCache ? nameInCache(options) : undefined;
  const cached = name === undefined ? undefined : await readCached(name);
  if (cached) return cached;
  const { compileNetworks } = await import('../../../sigma/rule-directory.ts');
  const { monitoredNetworksOf } = await import('../../monitored-networks/monitored-networks.ts');
  const compiled = compileNetworks(options.networks);
  const networks = { lists: compiled.lists, monitored: monitoredNetworksOf(compiled, options) };
  if (name !== undefined) await writeCached(name, networks);
  return networks;
}

/** Returns the name of the result in the cache, by the content of all files; undefined if some file is not known. */
function nameInCache({
  networks = defaultFile,
  stage,
  monitoredNetworks,
}: MonitoredNetworkOptions): string | undefined {
  const [text, settings] = [networks, settingsPath].map(textOf);
  const files = text === undefined ? undefined : namedFiles(text);
  if (!files) return undefined;
  const texts = files.map((file) => textOf(resolve(dirname(networks), file)));
  const parts = [version, networks, text, texts, settings, stage, monitoredNetworks?.map(networkText)];
  return `${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}${networksSuffix}`;
}

/** Returns the files that the lists name; undefined if some line may name one in another way. */
function namedFiles(text: string): string[] | undefined {
  const files: string[] = [];
  for (const line of text.split('\n')) {
    const content = line.replace(/(?:^|\s)#.*/, '');
    if (!/file/i.test(content)) continue;
    const [, file] = /^[^'"\\]*\bfile: ([\w./-]+)(?:,[^'"\\]*|\}|\s*)?$/.exec(content) ?? [];
    if (file === undefined || content.split(/file/i).length > 2) return undefined;
    files.push(file);
  }
  return files;
}

function textOf(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch {
    // The compiler names the problem.
    return undefined;
  }
}

async function readCached(name: string): Promise<Networks | undefined> {
  try {
    return JSON.parse(await readFile(join(cacheFolder(), name), 'utf8')) as Networks;
  } catch {
    return undefined;
  }
}

/** Writes the result under a temporary name first, since other processes may read it. */
async function writeCached(name: string, networks: Networks): Promise<void> {
  try {
    const path = join(await makeCacheFolder(), name);
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, JSON.stringify(networks), { mode: 0o600 });
    await rename(temporary, path);
  } catch {
    // Without a cache, the networks are compiled each time.
  }
}
