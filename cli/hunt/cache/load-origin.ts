import { createHash } from 'node:crypto';
import { type Network, networkText } from '../../../lambda/networks/ip-address.ts';
import type { Found } from '../../flow-files/storage/stored-file.ts';
import type { TimeRange } from '../../flow-files/time-range.ts';
import { type KeptLoad, loaderVersion } from '../load/kept-load.ts';

/** What decides the content of a database. */
export interface Origin {
  /** A text that identifies the files, the formats and the time range. */
  readonly sources: string;
  /** A text that identifies the monitored networks. */
  readonly monitoredNetworks: string;
}

/**
 * Returns the origin of a database; undefined if it cannot be asked again: standard input, a pipe, or a file or folder
 * that cannot be opened.
 *
 * @param formats the formats of files without a header, as given
 */
export function originOf(
  found: Found,
  formats: readonly string[],
  timeRange: TimeRange | undefined,
  monitoredNetworks: readonly Network[],
): Origin | undefined {
  if (found.problems.length > 0 || found.files.some(({ version }) => version === undefined)) return undefined;
  const files = found.files.map(({ name, path = name, bytes, version }) => ({ path, bytes, version }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const range = timeRange && [timeRange.from, timeRange.to].map(String);
  return {
    sources: JSON.stringify({ files, formats, range }),
    monitoredNetworks: monitoredNetworks.map(networkText).sort().join(),
  };
}

/** Returns the paths and URIs of the files that a database was loaded from. */
export function filesOf({ sources }: Pick<Origin, 'sources'>): string[] {
  const { files } = JSON.parse(sources) as { files: readonly { readonly path: string }[] };
  return files.map(({ path }) => path);
}

/** Returns whether a database has this origin. */
export function hasOrigin({ version, origin }: KeptLoad, { sources, monitoredNetworks }: Origin): boolean {
  if (version !== loaderVersion || origin?.sources !== sources) return false;
  return origin.monitoredNetworks === undefined || origin.monitoredNetworks === monitoredNetworks;
}

/**
 * Returns the names of the files in the cache that may have this origin: of a database for which the monitored networks
 * decide nothing, and of one for which they decide which flows count.
 */
export function cacheNames({ sources, monitoredNetworks }: Origin): { readonly any: string; readonly own: string } {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24);
  const any = hash(`${loaderVersion} ${sources}`);
  return { any: `${any}.duckdb`, own: `${any}-${hash(monitoredNetworks)}.duckdb` };
}
