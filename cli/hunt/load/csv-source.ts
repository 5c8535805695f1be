import type { Format } from '../../../lambda/flow-log/format.ts';
import { countedSql } from './counted-sql.ts';
import { duckDbType, flowColumns, flowTime } from './flow-columns.ts';
import { sqlName, sqlText } from './sql-text.ts';

/** A local file of usual lines (line-checker.ts), which DuckDB reads as CSV. */
export interface CsvSource {
  readonly path: string;
  readonly format: Format;
  readonly hasHeader: boolean;
  readonly lineBreak: '\n' | '\r\n';
}

/** Returns whether DuckDB takes a path as it is, and not as a pattern of paths. */
export function isPlainPath(path: string): boolean {
  return !/[*?[\]{}\\]/.test(path);
}

/** Returns the SQL of a table function that reads the lines: one row a line, with null for `-`. */
export function csvSql({ path, format, hasHeader, lineBreak }: CsvSource): string {
  const types = new Map(flowColumns([format]).map((column) => [column.name, duckDbType(column)]));
  const columns = format.keys.map((key) => `${sqlText(key)}: ${sqlText(types.get(key)!)}`);
  const options = [
    'auto_detect = false',
    'header = false',
    `skip = ${hasHeader ? 1 : 0}`,
    `delim = ' '`,
    `quote = ''`,
    `escape = ''`,
    `comment = ''`,
    `nullstr = '-'`,
    `compression = 'none'`,
    `new_line = '${lineBreak === '\n' ? '\\n' : '\\r\\n'}'`,
    `columns = {${columns.join(', ')}}`,
  ];
  return `read_csv(${sqlText(path)}, ${options.join(', ')})`;
}

/**
 * Returns the SQL that inserts rows into the table `flows`. With `flow-direction`, `counted` stays null: see
 * complete-counted.ts.
 *
 * @param rows a table or a table function with the columns of the format
 * @param arrivalDay the day of flows without a time, such as `2026-11-24`; undefined if unknown
 */
export function insertSql(
  format: Format,
  rows: string,
  { arrivalDay, condition = 'true' }: { readonly arrivalDay?: string | undefined; readonly condition?: string },
): string {
  const columns = flowColumns([format]);
  const names = columns.map(({ name }) => sqlName(name));
  const counted = format.indexOf.has('flow-direction') ? 'NULL' : countedSql(columns);
  const day = arrivalDay === undefined || flowTime(columns) !== 'NULL' ? 'NULL' : sqlText(arrivalDay);
  return (
    `INSERT INTO flows (${[...names, 'counted', 'arrival_day'].join(', ')}) ` +
    `SELECT ${[...names, counted, day].join(', ')} FROM ${rows} WHERE ${condition}`
  );
}
