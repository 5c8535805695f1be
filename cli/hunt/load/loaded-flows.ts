import type { DuckDBConnection } from '@duckdb/node-api';
import type { Format } from '../../../lambda/flow-log/format.ts';
import type { OutsideFlows } from '../../flow-files/time-range.ts';
import { hasDirection } from '../../monitored-networks/has-direction.ts';
import type { UncountedFlows } from '../../statistics/flow-counts.ts';
import { type FlowRange, FlowTimes } from '../../statistics/flow-times.ts';
import { duplicateSql, type MonitoredAddresses, uncountedSql } from './counted-sql.ts';
import { flowColumns, flowTime } from './flow-columns.ts';

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
  /** Flows outside the time range, which are not in the database; undefined without any. */
  readonly outside: OutsideFlows | undefined;
}

/** Counts what the tables have. @param monitored the table of the addresses in the monitored networks */
export async function countLoaded(
  connection: DuckDBConnection,
  formats: readonly Format[],
  monitored: MonitoredAddresses,
): Promise<Omit<LoadedFlows, 'outside'>> {
  const columns = flowColumns(formats);
  const numbers = async (sql: string) => (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(Number));
  const [[flows = 0] = []] = await numbers('SELECT count(*) FROM flows');
  const [[unreadableLines = 0] = []] = await numbers('SELECT count(*) FROM unreadable_lines');
  const { noAddress, noAction, noBytes } = uncountedSql(columns);
  const filters = [noAddress, noAction, noBytes].map((condition) => `count(*) FILTER (${condition})`);
  const [lacking = []] = await numbers(`SELECT ${filters.join(', ')} FROM flows WHERE NOT counted`);
  return {
    ...{ flows, unreadableLines },
    uncounted: { noAddress: lacking[0]!, noAction: lacking[1]!, noBytes: lacking[2]! },
    leftOut: hasDirection(formats)
      ? (await numbers(`SELECT count(*) FROM flows WHERE NOT counted AND ${duplicateSql(columns, monitored)}`))[0]![0]!
      : undefined,
    range: await flowRange(connection, flowTime(columns)),
    hasPacketAddresses: formats.every(namesPacketAddresses),
  };
}

async function flowRange(connection: DuckDBConnection, time: string): Promise<FlowRange | undefined> {
  if (time === 'NULL') return undefined;
  const days = await connection.runAndReadAll(
    `SELECT count(*), min(${time}), max(${time}) FROM flows WHERE ${time} IS NOT NULL GROUP BY ${time} // 86400`,
  );
  const times = new FlowTimes();
  for (const row of days.getRows()) {
    const [flows = 0, from = 0, to = 0] = row.map(Number);
    times.addAll({ flows, from, to });
  }
  return times.range();
}

/** Returns whether a format has the addresses of packets; a transit gateway logs no others. */
function namesPacketAddresses({ indexOf }: Format): boolean {
  return indexOf.has('tgw-id') || (indexOf.has('pkt-srcaddr') && indexOf.has('pkt-dstaddr'));
}
