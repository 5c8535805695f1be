import type { DuckDBConnection } from '@duckdb/node-api';
import type { OutsideFlows, TimeRange } from '../../flow-files/time-range.ts';
import { type CsvSource, csvSql, insertSql } from './csv-source.ts';
import { flowColumns, flowTime } from './flow-columns.ts';

/** The rows of a file of usual lines. */
export interface CsvRows extends CsvSource {
  /** Number of lines, which must become as many rows. */
  readonly flows: number;
  /** The day of flows without a time, such as `2026-11-24`; undefined if unknown. */
  readonly arrivalDay: string | undefined;
  /** Limits the flows (default: all flows). */
  readonly range: TimeRange | undefined;
}

const noFlows: OutsideFlows = { flows: 0, from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };

/**
 * Inserts rows into the table `flows`, in the order of the lines; all or none.
 *
 * @returns the flows outside the range; undefined if the file does not have the rows, such as a log that has grown
 */
export async function insertCsv(connection: DuckDBConnection, rows: CsvRows): Promise<OutsideFlows | undefined> {
  await connection.run('BEGIN TRANSACTION');
  let outside: OutsideFlows | undefined;
  try {
    outside = rows.range ? await insertRange(connection, rows, rows.range) : await insertAll(connection, rows);
  } catch {
    // An invalid row, or an interruption: the caller reads the records instead.
  }
  await connection.run(outside ? 'COMMIT' : 'ROLLBACK');
  return outside;
}

async function insertAll(connection: DuckDBConnection, rows: CsvRows): Promise<OutsideFlows | undefined> {
  const { rowsChanged } = await connection.run(insertSql(rows.format, csvSql(rows), rows));
  return rowsChanged === rows.flows ? noFlows : undefined;
}

async function insertRange(
  connection: DuckDBConnection,
  rows: CsvRows,
  { from, to }: TimeRange,
): Promise<OutsideFlows | undefined> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE lines AS SELECT * FROM ${csvSql(rows)}`);
  const time = flowTime(flowColumns([rows.format]));
  const limits = [
    ...(Number.isFinite(from) ? [`${time} >= ${from}`] : []),
    ...(Number.isFinite(to) ? [`${time} < ${to}`] : []),
  ];
  const condition = `coalesce(${limits.join(' AND ')}, false)`;
  const { rowsChanged } = await connection.run(insertSql(rows.format, 'lines', { ...rows, condition }));
  const result = await connection.runAndReadAll(
    `SELECT count(*), min(${time})::DOUBLE, max(${time})::DOUBLE FROM lines WHERE NOT ${condition}`,
  );
  const [count, first, last] = result.getRows()[0]!;
  const flows = Number(count);
  await connection.run('DROP TABLE lines');
  if (rowsChanged + flows !== rows.flows) return undefined;
  return { flows, from: (first as number | null) ?? noFlows.from, to: (last as number | null) ?? noFlows.to };
}
