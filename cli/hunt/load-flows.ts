import { setImmediate } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { truncate } from '../../lambda/common/text.ts';
import { timeOf } from '../../lambda/flow-log/flow.ts';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import { readRecords } from '../../lambda/parse/read-records.ts';
import type { NamedList, RuleSet } from '../../lambda/rules/model.ts';
import type { FlowFiles } from '../flow-files/flow-files.ts';
import { eventRecords, recordBatches } from '../flow-files/record-batches.ts';
import type { RangeFilter } from '../flow-files/time-range.ts';
import { hasDirection } from '../monitored-networks/monitored-networks.ts';
import { type FlowRange, FlowTimes } from '../statistics/flow-times.ts';
import { utcDay } from '../statistics/utc-day.ts';
import { databaseSettings } from './database-settings.ts';
import { FlowTable } from './flow-table.ts';

/** Upper bound of the stored text of an unreadable record, in characters. */
const maxStoredText = 4096;

/** The source of a database's flows. */
export interface FlowSource {
  readonly files: Pick<FlowFiles, 'formats' | 'records'>;
  /** The monitored networks decide which flows are counted; the named lists become tables. */
  readonly rules: Pick<RuleSet, 'lists' | 'monitoredNetworks'>;
  /** Limits the flows (default: all flows). */
  readonly filter?: RangeFilter | undefined;
  /** Receives the stored bytes that were read so far. */
  readonly progress?: (bytes: number) => void;
}

/** The result of loading flows. */
export interface LoadedFlows {
  readonly flows: number;
  readonly unreadableLines: number;
  /** Number of flows that the monitored networks leave out; undefined if no format has `flow-direction`. */
  readonly leftOut: number | undefined;
  /** Time from the first to the last end of the flows; undefined without flows. */
  readonly range: FlowRange | undefined;
}

/** Writes all flows of the files to a new DuckDB database. Memory does not grow with their number. */
export async function loadFlows(file: string, { files, rules, filter, progress }: FlowSource): Promise<LoadedFlows> {
  const instance = await DuckDBInstance.create(file, databaseSettings);
  const connection = await instance.connect();
  try {
    await connection.run(fromUnixtime);
    await writeNetworks(connection, rules.lists);
    await connection.run(
      'CREATE TABLE unreadable_lines (unreadable_line VARCHAR, unreadable_reason VARCHAR, day VARCHAR)',
    );
    const unreadable = await connection.createAppender('unreadable_lines');
    const table = await FlowTable.create(connection, files.formats, rules.monitoredNetworks);
    const times = new FlowTimes();
    let flows = 0;
    let unreadableLines = 0;
    const addUnreadable = (line: string, reason: string, day: string) => {
      unreadableLines += 1;
      unreadable.appendVarchar(truncate(line, maxStoredText));
      unreadable.appendVarchar(reason);
      unreadable.appendVarchar(day);
      unreadable.endRow();
    };
    for await (const batch of recordBatches(files.records(progress))) {
      // Gives a signal the chance to fire, because nothing else here may wait.
      await setImmediate();
      for (const [index, { outcome }] of readRecords(eventRecords(batch), files.formats).entries()) {
        const { data, arrival } = batch[index]!;
        const arrivalSeconds = Math.floor(arrival / 1000);
        if (outcome.kind === 'failed') {
          const text = data.toString('utf8', 0, maxStoredText).trimEnd();
          addUnreadable(text, outcome.reason, utcDay(arrivalSeconds));
        }
        if (outcome.kind !== 'lines') continue;
        for (const line of outcome.lines) {
          if (line.kind === 'unreadable') addUnreadable(line.text, line.reason, utcDay(arrivalSeconds));
          if (line.kind !== 'flow' || (filter && !filter.has(line.flow))) continue;
          const end = timeOf(line.flow);
          if (end !== undefined) times.add(end);
          table.add(line.flow, utcDay(end ?? arrivalSeconds));
          flows += 1;
        }
      }
    }
    unreadable.closeSync();
    table.close();
    const leftOut = hasDirection(files.formats) ? table.leftOut : undefined;
    return { flows, unreadableLines, leftOut, range: times.range() };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The macro for the function's name in Trino. */
const fromUnixtime = 'CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds)';

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
