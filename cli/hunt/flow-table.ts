import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { isCounted, isDuplicateObservation } from '../../lambda/flow-log/contribution.ts';
import { notAvailable } from '../../lambda/flow-log/fields.ts';
import { type Flow, secondsOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { type LakeColumn, lakeColumns } from '../../lib/lake/lake-columns.ts';

/** DuckDB's types of the lake's columns. */
const types: Readonly<Record<LakeColumn['type'], string>> = {
  int: 'INTEGER',
  bigint: 'BIGINT',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
};

/**
 * The table of flows, written row by row. It has only the columns of the formats. Queries read the view
 * `vpc_flow_logs`, which has all columns of the lake, null if no format has them, and `day`. `start` and `end` are
 * epoch seconds, also of old records in milliseconds: hunts count, compare and look up by them.
 */
export class FlowTable {
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly LakeColumn[];
  readonly #monitoredNetworks: readonly Network[];
  #leftOut = 0;
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
  ): Promise<FlowTable> {
    const keys = new Set(formats.flatMap((format) => format.keys));
    const columns = lakeColumns.filter(({ name }) => keys.has(name));
    const stored = [...columns.map(({ name, type }) => `"${name}" ${types[type]}`), 'counted BOOLEAN', 'day VARCHAR'];
    await connection.run(`CREATE TABLE flows (${stored.join(', ')})`);
    const shown = lakeColumns.map(({ name, type }) =>
      keys.has(name) || name === 'counted' ? `"${name}"` : `CAST(NULL AS ${types[type]}) AS "${name}"`,
    );
    await connection.run(`CREATE VIEW vpc_flow_logs AS SELECT ${shown.join(', ')}, day FROM flows`);
    return new FlowTable(await connection.createAppender('flows'), columns, monitoredNetworks);
  }

  /**
   * Adds a flow.
   *
   * @param day the UTC day on which it ended, such as `2026-11-24`; undefined if it is unknown
   * @returns whether the flow is counted
   */
  add(flow: Flow, day: string | undefined): boolean {
    const indexes = this.#indexesOf(flow.format);
    const appender = this.#appender;
    for (const [column, { name, type }] of this.#columns.entries()) {
      const value = flow.values[indexes[column]!];
      if (value === undefined || value === notAvailable) appender.appendNull();
      else if (name === 'start' || name === 'end') appender.appendBigInt(BigInt(secondsOf(flow, name)!));
      else if (type === 'int') appender.appendInteger(Number(value));
      else if (type === 'bigint') appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    const counted = isCounted(flow, this.#monitoredNetworks);
    if (!counted && isDuplicateObservation(flow, this.#monitoredNetworks)) this.#leftOut += 1;
    appender.appendBoolean(counted);
    if (day === undefined) appender.appendNull();
    else appender.appendVarchar(day);
    appender.endRow();
    return counted;
  }

  /** Number of flows that are left out as duplicate observations: those with `counted` false and another record. */
  get leftOut(): number {
    return this.#leftOut;
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
