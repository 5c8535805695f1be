import { randomUUID } from 'node:crypto';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byteSize, formatInteger } from '../../lambda/common/format-units.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import type { Found } from '../flow-files/storage/stored-file.ts';
import type { TimeRange } from '../flow-files/time-range.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError } from '../terminal/input-error.ts';
import type { Build, Built } from './cache/build-database.ts';
import { evict, makeCacheFolder, maxCacheBytes, unfinishedPath } from './cache/cache-folder.ts';
import { findInCache } from './cache/find-database.ts';
import { besideKeepFile, type KeepFile, moveDatabase, openKeepFile } from './cache/keep-file.ts';
import { cacheNames, hasOrigin, type Origin, originOf } from './cache/load-origin.ts';
import { type AttachedFlows, attachFlows, closeAttached } from './load/attached-flows.ts';
import { temporaryFolder } from './load/temporary-folder.ts';

/** The options that decide where the database of flows is. */
export interface KeepOptions {
  /** Formats of files without a header. */
  readonly format?: readonly string[];
  /** A file for the database. */
  readonly keep?: string;
  /** False to load the flows again, and to keep no database. */
  readonly cache?: boolean;
}

/** The flows to ask. */
export interface FlowRequest {
  readonly found: Found;
  readonly monitoredNetworks: readonly Network[];
  readonly timeRange: TimeRange | undefined;
  /** Runs before files are read, if they must be. */
  readonly beforeLoad?: (() => Promise<void>) | undefined;
}

/** A database of flows that is ready to ask. */
export interface OpenedFlows {
  readonly attached: AttachedFlows;
  /** The lines about files that could not be read completely. */
  readonly problems: readonly string[];
  readonly unknownFieldLines: readonly string[];
}

/**
 * Opens the database of flows: that of `--keep`, or else one of the cache, or else a new one.
 *
 * @param say receives a line about the file of `--keep`
 * @throws InputError if the file of `--keep` is something else, or no file can be read
 */
export async function openFlows(
  request: FlowRequest,
  options: KeepOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<OpenedFlows> {
  const { found, timeRange, monitoredNetworks } = request;
  const origin = originOf(found, options.format ?? [], timeRange, monitoredNetworks);
  if (options.keep !== undefined) return openKept(options.keep, request, origin, options, say, signal);
  if (!origin || options.cache === false) return openTemporary(request, origin, options, signal);
  const cached = await findInCache(origin);
  if (cached) return reopened(cached);
  return openCached(request, origin, options, say, signal);
}

async function openKept(
  name: string,
  request: FlowRequest,
  origin: Origin | undefined,
  options: KeepOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<OpenedFlows> {
  if (request.found.files.some(({ version }) => version === undefined)) {
    throw new InputError('--keep is not supported for standard input and pipes; save the logs in a file first');
  }
  const keep = await openKeepFile(name);
  if (keep.attached) {
    if (origin && hasOrigin(keep.attached.load, origin)) {
      say(`${name} was reused: ${flowsText(keep.attached)}, and the logs have not changed`);
      return reopened(keep.attached);
    }
    await closeAttached(keep.attached);
  }
  const folder = temporaryFolder();
  try {
    const built = await build(besideKeepFile(keep), folder.path, request, origin, options, signal);
    if (!built.isReusable) {
      say(`${name} was not ${keep.attached ? 'replaced' : 'created'}: not all of the logs were read`);
      return await onlyOnce(built);
    }
    const attached = await attachFlows(built.path);
    await moveBuilt(built, keep, attached);
    say(
      `${name} was ${keep.attached ? 'created again, since the logs or options have changed' : 'created'}: ${flowsText(attached)}`,
    );
    return { ...reopened(attached), ...linesOf(built) };
  } finally {
    await folder.remove();
  }
}

async function openCached(
  request: FlowRequest,
  origin: Origin,
  options: KeepOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<OpenedFlows> {
  let cache: string;
  try {
    cache = await makeCacheFolder();
  } catch (error) {
    say(`the flows are not cached: ${fileErrorText(error)}`);
    return openTemporary(request, origin, options, signal);
  }
  const folder = temporaryFolder();
  try {
    const names = cacheNames(origin);
    const unfinished = unfinishedPath(join(cache, names.any), randomUUID().slice(0, 8));
    const built = await build(unfinished, folder.path, request, origin, options, signal);
    if (!built.isReusable) return await onlyOnce(built);
    const { size } = await stat(built.path);
    await chmod(built.path, 0o600);
    if (size > maxCacheBytes) {
      say(
        `the flows are not cached: ${byteSize(size)} is more than the cache, ${byteSize(maxCacheBytes)}; use --keep FILE`,
      );
      return await onlyOnce(built);
    }
    const attached = await attachFlows(built.path);
    const path = join(cache, built.dependsOnNetworks ? names.own : names.any);
    await moveBuilt(built, { name: path, path }, attached);
    await evict();
    return { ...reopened(attached), ...linesOf(built) };
  } finally {
    await folder.remove();
  }
}

async function openTemporary(
  request: FlowRequest,
  origin: Origin | undefined,
  options: KeepOptions,
  signal: AbortSignal,
): Promise<OpenedFlows> {
  const folder = temporaryFolder();
  try {
    const built = await build(join(folder.path, 'flows.duckdb'), folder.path, request, origin, options, signal);
    return await onlyOnce(built);
  } finally {
    await folder.remove();
  }
}

async function build(
  path: string,
  folder: string,
  { found, monitoredNetworks, timeRange, beforeLoad }: FlowRequest,
  origin: Origin | undefined,
  { format }: KeepOptions,
  signal: AbortSignal,
): Promise<Built> {
  await beforeLoad?.();
  const { buildDatabase } = await import('./cache/build-database.ts');
  const { openFoundFiles } = await import('../flow-files/open.ts');
  const files: Build['files'] = await openFoundFiles(found, { format, signal });
  return buildDatabase({ path, folder }, { files, origin, monitoredNetworks, timeRange }, signal);
}

/** Moves a database to its path, which readers of an older one at that path do not notice. */
async function moveBuilt(built: Built, to: Pick<KeepFile, 'name' | 'path'>, attached: AttachedFlows): Promise<void> {
  try {
    await moveDatabase(built.path, to);
  } catch (error) {
    await closeAttached(attached);
    await rm(built.path, { force: true });
    throw error;
  } finally {
    built.keepAtExit();
  }
}

function linesOf({ problems, unknownFieldLines }: Built) {
  return { problems, unknownFieldLines };
}

function reopened(attached: AttachedFlows): OpenedFlows {
  const unknownFieldLines = attached.load.origin?.unknownFieldLines ?? [];
  return { attached, problems: [], unknownFieldLines };
}

/** Attaches a database, and removes its file: it stays readable until it is closed. */
async function onlyOnce(built: Built): Promise<OpenedFlows> {
  try {
    return { attached: await attachFlows(built.path), ...linesOf(built) };
  } finally {
    await rm(built.path, { force: true });
    built.keepAtExit();
  }
}

function flowsText({ load }: AttachedFlows): string {
  const { flows } = load.loaded;
  return flows === 1 ? '1 flow' : `${formatInteger(flows)} flows`;
}
