import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { isCounted } from '../../../lambda/flow-log/contribution.ts';
import { notAvailable } from '../../../lambda/flow-log/fields.ts';
import { type Flow, secondsOf } from '../../../lambda/flow-log/flow.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import type { Network } from '../../../lambda/networks/ip-address.ts';
import { type LakeColumn, lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { duckDbType, flowColumns, flowTime } from './flow-columns.ts';
import { sqlName } from './sql-text.ts';

/**
 * Creates the table of flows, and the view of it. The table `flows` has only the columns of the formats, `counted`, and
 * `arrival_day` of a flow without a time. Queries read the view `vpc_flow_logs`, which has all columns of the lake, null
 * if no format has them, and `day`. `start` and `end` are epoch seconds, also of old records in milliseconds: hunts
 * count, compare and look up by them.
 */
export async function createFlowTable(connection: DuckDBConnection, formats: readonly Format[]): Promise<void> {
  const columns = flowColumns(formats);
  const stored = columns.map((column) => `${sqlName(column.name)} ${duckDbType(column)}`);
  await connection.run(`CREATE TABLE flows (${[...stored, 'counted BOOLEAN', 'arrival_day VARCHAR'].join(', ')})`);
  const shown = lakeColumns.map((column) =>
    columns.includes(column) || column.name === 'counted'
      ? sqlName(column.name)
      : `CAST(NULL AS ${duckDbType(column)}) AS ${sqlName(column.name)}`,
  );
  await connection.run(`CREATE VIEW vpc_flow_logs AS SELECT ${shown.join(', ')}, ${daySql(columns)} AS day FROM flows`);
}

/** Returns the UTC day of a flow, such as `2026-11-24`, computed when it is asked for: that is faster than to store it. */
function daySql(columns: readonly LakeColumn[]): string {
  const time = flowTime(columns);
  if (time === 'NULL') return 'arrival_day';
  return `coalesce(CAST(make_date(CAST(${time} // 86400 AS INTEGER)) AS VARCHAR), arrival_day)`;
}

/** Writes flows to the table `flows`, row by row. */
export class FlowAppender {
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly LakeColumn[];
  readonly #monitoredNetworks: readonly Network[];
  /** For each format, the index of each column's value in its lines; -1 if missing. */
  readonly #indexes = new Map<Format, readonly number[]>();

  private constructor(appender: DuckDBAppender, columns: readonly LakeColumn[], monitoredNetworks: readonly Network[]) {
    this.#appender = appender;
    this.#columns = columns;
    this.#monitoredNetworks = monitoredNetworks;
  }

  /** @param monitoredNetworks the networks by which a flow is counted at one of its two interfaces only */
  static async create(
    connection: DuckDBConnection,
    formats: readonly Format[],
    monitoredNetworks: readonly Network[],
  ): Promise<FlowAppender> {
    return new FlowAppender(await connection.createAppender('flows'), flowColumns(formats), monitoredNetworks);
  }

  /** Adds a flow. @param arrivalDay the UTC day of a flow without a time, such as `2026-11-24`; undefined if unknown */
  add(flow: Flow, arrivalDay: string | undefined): void {
    const indexes = this.#indexesOf(flow.format);
    const { values } = flow;
    const appender = this.#appender;
    for (const [column, { name, type }] of this.#columns.entries()) {
      const value = values[indexes[column]!];
      if (value === undefined || value === notAvailable) appender.appendNull();
      else if (name === 'start' || name === 'end') appender.appendBigInt(BigInt(secondsOf(flow, name)!));
      else if (type === 'int') appender.appendInteger(Number(value));
      else if (type === 'bigint') appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    appender.appendBoolean(isCounted(flow, this.#monitoredNetworks));
    if (arrivalDay === undefined) appender.appendNull();
    else appender.appendVarchar(arrivalDay);
    appender.endRow();
  }

  close(): void {
    this.#appender.closeSync();
  }

  #indexesOf(format: Format): readonly number[] {
    const known = this.#indexes.get(format);
    if (known) return known;
    const indexes = this.#columns.map(({ name }) => format.keys.indexOf(name));
    this.#indexes.set(format, indexes);
    return indexes;
  }
}
