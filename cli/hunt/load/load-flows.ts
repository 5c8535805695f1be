import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Network } from '../../../lambda/networks/ip-address.ts';
import type { FlowFiles, FlowTexts, LineFile } from '../../flow-files/flow-files.ts';
import { addOutside, RangeFilter, type TimeRange } from '../../flow-files/time-range.ts';
import { databaseSettings } from './database-settings.ts';
import { createFlowTable, FlowAppender } from './flow-table.ts';
import { type LoadOrigin, writeKeptLoad } from './kept-load.ts';
import { createKernelLineChecker } from './kernel-line-checker.ts';
import type { CreateLineChecker } from './line-checker.ts';
import { loadRecords } from './load-records.ts';
import { loadTexts } from './load-texts.ts';
import { countLoaded, type LoadedFlows } from './loaded-flows.ts';
import { completeCounted } from './monitored-addresses.ts';
import { UnreadableTable } from './unreadable-table.ts';

/** The source of a database's flows. */
export interface FlowSource {
  /** Files of lines are loaded as text if the source has them as such. */
  readonly files: Pick<FlowFiles, 'formats' | 'records'> & Partial<Pick<FlowTexts, 'lineFiles' | 'records'>>;
  /** The networks that decide which flows are counted. */
  readonly monitoredNetworks: readonly Network[];
  /** Limits the flows (default: all flows). */
  readonly timeRange?: TimeRange | undefined;
  /** What the database says of its origin (default: nothing, so that it is not used again). */
  readonly origin?: LoadOrigin | undefined;
  /** Receives the stored bytes that were read so far. */
  readonly progress?: (bytes: number) => void;
  /** Finds the lines to load as text (default: with the code that reads records). */
  readonly createChecker?: CreateLineChecker;
}

/**
 * Writes all flows of the files to a new DuckDB database: the table `flows`, the view `vpc_flow_logs` and the table
 * `unreadable_lines`. Memory does not grow with their number.
 *
 * @param file the path of the database
 * @param folder a folder for temporary files
 * @param signal ends the loading early; the database then has the flows until then
 */
export async function loadFlows(
  { file, folder }: { readonly file: string; readonly folder: string },
  source: FlowSource,
  signal?: AbortSignal,
): Promise<LoadedFlows> {
  const instance = await DuckDBInstance.create(file, { ...databaseSettings, temp_directory: folder });
  const connection = await instance.connect();
  try {
    const loaded = await load(connection, folder, source, signal);
    await writeKeptLoad(connection, { origin: source.origin, loaded });
    return loaded;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function load(
  connection: DuckDBConnection,
  folder: string,
  { files, monitoredNetworks, timeRange, progress, createChecker = createKernelLineChecker }: FlowSource,
  signal: AbortSignal | undefined,
): Promise<LoadedFlows> {
  const { formats, lineFiles = [] } = files;
  await createFlowTable(connection, formats);
  const unreadable = await UnreadableTable.create(connection);
  const filter = timeRange && new RangeFilter(timeRange);
  let outside = filter?.outside;
  const loaded: ReadonlySet<LineFile> = await loadTexts(connection, lineFiles, {
    ...{ formats, createChecker, folder, range: timeRange, progress, signal },
    addUnreadable: (line) => unreadable.add(line),
    addOutside: (flows) => {
      outside &&= addOutside(outside, flows);
    },
  });
  const table = await FlowAppender.create(connection, formats, monitoredNetworks);
  const receiver = {
    addFlow: table.add.bind(table),
    addUnreadable: unreadable.add.bind(unreadable),
  };
  await loadRecords(files.records(progress, loaded), formats, receiver, filter);
  unreadable.close();
  table.close();
  if (outside && filter) outside = addOutside(outside, filter.outside);
  const monitored = await completeCounted(connection, formats, monitoredNetworks);
  return { ...(await countLoaded(connection, formats, monitored)), outside };
}
