import type { DuckDBConnection } from '@duckdb/node-api';
import type { OutsideFlows } from '../../flow-files/time-range.ts';
import type { LoadedFlows } from './loaded-flows.ts';
import { sqlText } from './sql-text.ts';

/**
 * The version of what loadFlows writes. Increase it with every change of the tables, of their content, or of how a line
 * is read: a database of another version is not reused.
 */
export const loaderVersion = 1;

/** The table of a database that says how it was loaded. */
export const loadTable = 'flow_sentinel_load';

/** What a database was loaded from. */
export interface LoadOrigin {
  /** A text that identifies the files, the formats and the time range. */
  readonly sources: string;
  /** The monitored networks that decided which flows count; undefined if they decided nothing. */
  readonly monitoredNetworks: string | undefined;
  /** The lines that name the unknown fields of the files. */
  readonly unknownFieldLines: readonly string[];
}

/** What a database was loaded from, and with which result. */
export interface KeptLoad {
  readonly version: number;
  readonly origin: LoadOrigin | undefined;
  readonly loaded: LoadedFlows;
}

/** Writes how a database was loaded. */
export async function writeKeptLoad(connection: DuckDBConnection, load: Omit<KeptLoad, 'version'>): Promise<void> {
  const text = JSON.stringify({ version: loaderVersion, ...load });
  await connection.run(`CREATE TABLE ${loadTable} AS SELECT ${sqlText(text)} AS load`);
}

/** Reads how a database was loaded; undefined if loadFlows has not written it. @param schema the schema of its tables */
export async function readKeptLoad(connection: DuckDBConnection, schema: string): Promise<KeptLoad | undefined> {
  try {
    const [text] = (await connection.runAndReadAll(`SELECT load FROM ${schema}.${loadTable}`)).getRows()[0]!;
    const load = JSON.parse(String(text)) as KeptLoad;
    const { outside } = load.loaded;
    return { ...load, loaded: { ...load.loaded, outside: outside && withLimits(outside) } };
  } catch {
    return undefined;
  }
}

/** JSON has null instead of the infinite limits of flows without a time. */
function withLimits({ flows, from, to }: OutsideFlows): OutsideFlows {
  return { flows, from: from ?? Number.POSITIVE_INFINITY, to: to ?? Number.NEGATIVE_INFINITY };
}
