import { setImmediate } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { truncate } from '../../lambda/common/text.ts';
import { timeOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import type { NamedList, RuleSet } from '../../lambda/rules/model.ts';
import { unknownArrival } from '../flow-files/arrival-time.ts';
import type { FlowFiles } from '../flow-files/flow-files.ts';
import { eventRecords, recordBatches } from '../flow-files/record-batches.ts';
import type { RangeFilter } from '../flow-files/time-range.ts';
import { hasDirection } from '../monitored-networks/has-direction.ts';
import { FlowCounts, type UncountedFlows } from '../statistics/flow-counts.ts';
import { type FlowRange, FlowTimes } from '../statistics/flow-times.ts';
import { addUncounted } from '../statistics/uncounted-flow.ts';
import { utcDay } from '../statistics/utc-day.ts';
import { databaseSettings } from './database-settings.ts';
import { FlowTable } from './flow-table.ts';
import { type OwnTable, writeOwnTables } from './own-tables.ts';
import { trinoFunctions } from './trino-functions.ts';

/** Upper bound of the stored text of an unreadable record, in characters. */
const maxStoredText = 4096;

/** The source of a database's flows. */
export interface FlowSource {
  readonly files: Pick<FlowFiles, 'formats' | 'records'>;
  /** The monitored networks decide which flows are counted; the named lists become tables. */
  readonly rules: Pick<RuleSet, 'lists' | 'monitoredNetworks'>;
  /** Tables of the user (default: none). */
  readonly tables?: readonly OwnTable[];
  /** Limits the flows (default: all flows). */
  readonly filter?: RangeFilter | undefined;
  /** Receives the stored bytes that were read so far. */
  readonly progress?: (bytes: number) => void;
}

/** The result of loading flows. */
export interface LoadedFlows {
  readonly flows: number;
  readonly unreadableLines: number;
  /** Flows that count 0, by the reason. */
  readonly uncounted: UncountedFlows;
  /** Number of flows that the monitored networks leave out; undefined if no format has `flow-direction`. */
  readonly leftOut: number | undefined;
  /** Time from the first to the last end of the flows; undefined without flows. */
  readonly range: FlowRange | undefined;
  /** Whether the formats name the endpoints of packets, so that hunts recognize NAT gateways (flows-once.ts). */
  readonly hasPacketAddresses: boolean;
}

/** Writes all flows of the files to a new DuckDB database. Memory does not grow with their number. */
export async function loadFlows(file: string, source: FlowSource): Promise<LoadedFlows> {
  const { files, rules, tables = [], filter, progress } = source;
  const instance = await DuckDBInstance.create(file, databaseSettings);
  const connection = await instance.connect();
  try {
    for (const macro of trinoFunctions) await connection.run(macro);
    await writeNetworks(connection, rules.lists);
    await writeOwnTables(connection, tables);
    await connection.run(
      'CREATE TABLE unreadable_lines (unreadable_line VARCHAR, unreadable_reason VARCHAR, day VARCHAR)',
    );
    const unreadable = await connection.createAppender('unreadable_lines');
    const table = await FlowTable.create(connection, files.formats, rules.monitoredNetworks);
    const times = new FlowTimes();
    const counts = new FlowCounts();
    let flows = 0;
    let unreadableLines = 0;
    const addUnreadable = (line: string, reason: string, day: string | undefined) => {
      unreadableLines += 1;
      unreadable.appendVarchar(truncate(line, maxStoredText));
      unreadable.appendVarchar(reason);
      if (day === undefined) unreadable.appendNull();
      else unreadable.appendVarchar(day);
      unreadable.endRow();
    };
    for await (const batch of recordBatches(files.records(progress))) {
      // Gives a signal the chance to fire, because nothing else here may wait.
      await setImmediate();
      for (const [index, { outcome }] of readRecords(eventRecords(batch), files.formats).entries()) {
        const { data, arrival } = batch[index]!;
        const arrivalDay = arrival === unknownArrival ? undefined : utcDay(Math.floor(arrival / 1000));
        if (outcome.kind === 'failed') {
          const text = data.toString('utf8', 0, maxStoredText).trimEnd();
          addUnreadable(text, outcome.reason, arrivalDay);
        }
        if (outcome.kind !== 'lines') continue;
        for (const line of outcome.lines) {
          if (line.kind === 'unreadable') addUnreadable(line.text, line.reason, arrivalDay);
          if (line.kind !== 'flow' || (filter && !filter.has(line.flow))) continue;
          const end = timeOf(line.flow);
          if (end !== undefined) times.add(end);
          const isCounted = table.add(line.flow, end === undefined ? arrivalDay : utcDay(end));
          flows += 1;
          if (!isCounted) addUncounted(counts, line.flow);
        }
      }
    }
    unreadable.closeSync();
    table.close();
    const hasPacketAddresses = files.formats.every(namesPacketAddresses);
    const leftOut = hasDirection(files.formats) ? table.leftOut : undefined;
    const { uncounted } = counts;
    return { flows, unreadableLines, uncounted, leftOut, range: times.range(), hasPacketAddresses };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Returns whether a format has the addresses of packets; a transit gateway logs no others. */
function namesPacketAddresses({ indexOf }: Format): boolean {
  return indexOf.has('tgw-id') || (indexOf.has('pkt-srcaddr') && indexOf.has('pkt-dstaddr'));
}

async function writeNetworks(connection: DuckDBConnection, lists: readonly NamedList[]): Promise<void> {
  await connection.run('CREATE TABLE named_networks (list VARCHAR, network VARCHAR)');
  const appender = await connection.createAppender('named_networks');
  for (const { name, entries } of lists) {
    for (const network of new Set(entries.map((entry) => unpackEntry(entry).network))) {
      appender.appendVarchar(name);
      appender.appendVarchar(network);
      appender.endRow();
    }
  }
  appender.closeSync();
}
