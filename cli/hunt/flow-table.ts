import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { isCounted } from '../../lambda/flow-log/contribution.ts';
import { notAvailable } from '../../lambda/flow-log/fields.ts';
import { type Flow, secondsOf } from '../../lambda/flow-log/flow.ts';
import type { Format } from '../../lambda/flow-log/format.ts';
import type { Network } from '../../lambda/networks/ip-address.ts';
import { type LakeColumn, lakeColumns } from '../../lib/lake/lake-columns.ts';

/** The types of the lake's columns in DuckDB's words. */
const types: Readonly<Record<LakeColumn['type'], string>> = {
  int: 'INTEGER',
  bigint: 'BIGINT',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
};

/**
 * The flows of a database, written row by row. The table has the columns of the formats alone; what is asked is the view
 * `vpc_flow_logs`, which has all columns of the lake and `day`, null where no format has them. `start` and `end` are epoch
 * seconds, also of old records that have milliseconds: hunts count, compare and look up by them.
 */
export class FlowTable {
  /** The last day that there is, such as `2026-11-24`; undefined where there is no flow. */
  lastDay: string | undefined;
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly LakeColumn[];
  readonly #monitoredNetworks: readonly Network[];
  /** Of each format, the place of each column's value in its lines; -1 where it has none. */
  readonly #places = new Map<Format, readonly number[]>();

  private constructor(appender: DuckDBAppender, columns: readonly LakeColumn[], monitoredNetworks: readonly Network[]) {
    this.#appender = appender;
    this.#columns = columns;
    this.#monitoredNetworks = monitoredNetworks;
  }

  /** @param monitoredNetworks of the rule set: they say at which of its ends a flow is counted */
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

  /** @param day the day in UTC on which it arrived, such as `2026-11-24` */
  add(flow: Flow, day: string): void {
    const places = this.#placesOf(flow.format);
    const appender = this.#appender;
    for (const [index, { name, type }] of this.#columns.entries()) {
      const value = flow.values[places[index]!];
      if (value === undefined || value === notAvailable) appender.appendNull();
      else if (name === 'start' || name === 'end') appender.appendBigInt(BigInt(secondsOf(flow, name)!));
      else if (type === 'int') appender.appendInteger(Number(value));
      else if (type === 'bigint') appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    appender.appendBoolean(isCounted(flow, this.#monitoredNetworks));
    appender.appendVarchar(day);
    appender.endRow();
    if (this.lastDay === undefined || day > this.lastDay) this.lastDay = day;
  }

  close(): void {
    this.#appender.closeSync();
  }

  #placesOf(format: Format): readonly number[] {
    const known = this.#places.get(format);
    if (known) return known;
    const places = this.#columns.map(({ name }) => format.keys.indexOf(name));
    this.#places.set(format, places);
    return places;
  }
}
