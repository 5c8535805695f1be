import type { MonitoredNetworkOptions } from '../monitored-networks/monitored-networks.ts';
import { type Networks, readNetworks } from './cache/networks.ts';
import type { SessionTables } from './flow-database.ts';
import { printError } from './open-database.ts';
import type { OwnTable } from './own-tables.ts';
import type { LookupRegion } from './region-functions.ts';

/** The options that name the networks and the tables of a session. */
export interface SessionOptions extends MonitoredNetworkOptions {
  /** Tables of the user, as `name=file`. */
  readonly table?: readonly string[];
  /** Folder or file of the names of addresses, for the table `names` (default: no names). */
  readonly names?: string;
  /** File of `geo build`, for the functions on regions (default: no table). */
  readonly geo?: string;
  /** Folders and files of DNS logs, for the table `dns` (default: none). */
  readonly dns?: readonly string[];
  /** False to compile the networks again. */
  readonly cache?: boolean;
}

/** The networks, and the tables beside the flows. */
export interface Session {
  readonly networks: Networks;
  readonly session: SessionTables;
}

/**
 * Reads the networks, and the tables of the user, and prints what a join would miss.
 *
 * @param signal stops the reading of DNS logs
 * @throws InputError for an invalid table; the errors of readNetworks
 */
export async function readSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const networks = await readNetworks(options, options.cache !== false);
  const ofNames = options.names === undefined ? [] : [await readNamesOf(options.names)];
  const ofDns = options.dns === undefined ? [] : [await readDnsOf(options.dns, signal)];
  const others = [...ofNames, ...ofDns];
  const tables = [...others, ...(await readTables(options.table ?? [], networks, others))];
  for (const warning of tables.flatMap(({ warnings }) => warnings)) printError(warning);
  const lookupRegion = options.geo === undefined ? undefined : await lookupRegionOf(options.geo);
  return { networks, session: { lists: networks.lists, tables, lookupRegion } };
}

async function lookupRegionOf(path: string): Promise<LookupRegion> {
  const { readRegions } = await import('../names/read-regions.ts');
  const table = readRegions(path);
  return (address) => table.lookup(address);
}

async function readNamesOf(path: string): Promise<OwnTable> {
  const { readNamesTable } = await import('./names-table.ts');
  return readNamesTable(path);
}

async function readDnsOf(paths: readonly string[], signal: AbortSignal): Promise<OwnTable> {
  const { readDnsTable } = await import('./dns-rows.ts');
  return readDnsTable(paths, signal);
}

async function readTables(
  given: readonly string[],
  { lists }: Networks,
  others: readonly OwnTable[],
): Promise<readonly OwnTable[]> {
  if (given.length === 0) return [];
  const { readOwnTables } = await import('./own-tables.ts');
  return readOwnTables(
    given,
    [...lists, ...others].map(({ name }) => name),
  );
}
