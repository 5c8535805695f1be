import type { Format } from '../../../lambda/flow-log/format.ts';
import { type LakeColumn, lakeColumns } from '../../../lib/lake/lake-columns.ts';
import { sqlName } from './sql-text.ts';

/** DuckDB's types of the lake's columns. */
const types: Readonly<Record<LakeColumn['type'], string>> = {
  int: 'INTEGER',
  bigint: 'BIGINT',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
};

/** Returns DuckDB's type of a column. */
export function duckDbType({ type }: LakeColumn): string {
  return types[type];
}

/** Returns the columns of some formats, in the order of the lake. */
export function flowColumns(formats: readonly Pick<Format, 'keys'>[]): LakeColumn[] {
  const keys = new Set(formats.flatMap((format) => format.keys));
  return lakeColumns.filter(({ name }) => keys.has(name));
}

/** Returns an SQL expression of the first of some columns that has a value; null without any of the columns. */
export function firstOf(names: readonly string[], columns: readonly Pick<LakeColumn, 'name'>[]): string {
  const found = names.filter((name) => columns.some((column) => column.name === name)).map(sqlName);
  if (found.length < 2) return found[0] ?? 'NULL';
  return `coalesce(${found.join(', ')})`;
}

/** Returns an SQL expression of the time of a flow, in epoch seconds: its end, or else its start. */
export function flowTime(columns: readonly Pick<LakeColumn, 'name'>[]): string {
  return firstOf(['end', 'start'], columns);
}
