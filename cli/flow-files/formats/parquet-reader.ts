import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { messageOf } from '../../../lambda/common/errors.ts';
import { fields, notAvailable } from '../../../lambda/flow-log/fields.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { closestFormat, versionsToReplace } from './common-format.ts';
import { arrivalOf } from './line-time.ts';
import { type Column, type ParquetColumns, parquetColumns, parquetRows, withLocalPath } from './parquet-file.ts';
import type { Entry, Input, Look, Read, Reading, Unknown } from './reader.ts';

/** Tells what a Parquet file holds, or why it cannot be read. Never rejects. */
export async function parquetKind(input: Input): Promise<Look | Unknown> {
  try {
    for await (const look of withLocalPath(input, looksAt)) return look;
    return { problem: 'it holds nothing' };
  } catch (error) {
    return { problem: firstLine(error) };
  }
}

async function* looksAt(path: string): AsyncGenerator<Look | Unknown> {
  const look = lookOf(await parquetColumns(path));
  if (!('read' in look)) return yield look;
  for await (const [row] of parquetRows(path, [timeExpression(look.columns)])) {
    return yield { ...look, first: arrivalOfRow(row?.[0]) };
  }
  yield look;
}

interface ParquetLook extends Look {
  readonly columns: ReadonlyMap<string, Column>;
}

/**
 * Our lake's tables have a column for every field, whether or not a flow log has it (lib/lake/lake-columns.ts): those without
 * any value are none of its format. AWS's own have the columns of their format.
 */
function lookOf(said: ParquetColumns): ParquetLook | Unknown {
  const isOurs = said.columns.some(({ name }) => name === 'counted');
  const columns = said.columns.filter(({ isEmpty }) => !isOurs || !isEmpty);
  const byField = new Map(columns.map((column) => [column.name.replaceAll('_', '-'), column]));
  const names = new Set([...byField.keys()].filter((name) => fields.has(name)));
  const unreadable = columns.find(({ name }) => name === 'unreadable_line');
  if (names.size < 2 && !unreadable)
    return { problem: 'its columns are not those of flow logs, such as srcaddr and dstaddr' };
  return {
    kind: 'Parquet',
    named: names.size > 0 ? [names] : [],
    hasRecords: false,
    hasPlainLines: names.size === 0,
    columns: byField,
    read: reader(names, byField, unreadable, said.rows),
  };
}

function reader(
  names: ReadonlySet<string>,
  byField: ReadonlyMap<string, Column>,
  unreadable: Column | undefined,
  rows: number,
): Read {
  return async function* read(input, reading) {
    const format = reading.common ?? closestFormat(names, reading.formats);
    const flow = lineExpression(format, byField, reading);
    const line = unreadable ? `coalesce(${textOf(unreadable)}, ${flow})` : flow;
    // A line break within a value would end its line.
    const expressions = [`translate(${line}, chr(10) || chr(13), '  ')`, timeExpression(byField)];
    try {
      for await (const chunk of withLocalPath(input, (path) => parquetRows(path, expressions))) {
        input.read(Math.floor((input.file.bytes * chunk.length) / rows));
        yield chunk.map(([text, time]): Entry => ({ data: Buffer.from(`${text}\n`), arrival: arrivalOfRow(time) }));
      }
    } catch (error) {
      throw new Error(firstLine(error));
    }
  };
}

function lineExpression(format: Format, byField: ReadonlyMap<string, Column>, { formats }: Reading): string {
  const replaced = [...versionsToReplace(format, formats)].map((version) => `'${version}'`);
  const values = format.names.map((name) => {
    const column = byField.get(name);
    if (!column) return `'${notAvailable}'`;
    const value = `coalesce(nullif(trim(${textOf(column)}), ''), '${notAvailable}')`;
    if (name !== 'version' || replaced.length === 0) return value;
    return `CASE WHEN ${value} IN (${replaced.join()}) THEN '${format.version}' ELSE ${value} END`;
  });
  return `concat_ws(' ', ${values.join(', ')})`;
}

function timeExpression(byField: ReadonlyMap<string, Column>): string {
  const times = ['end', 'start'].flatMap((name) => byField.get(name) ?? []);
  return `coalesce(${[...times.map((column) => `TRY_CAST(${textOf(column)} AS DOUBLE)`), 'NULL'].join(', ')})`;
}

/** When a record arrives by the time that its row has, in epoch milliseconds. */
function arrivalOfRow(time: unknown): number | undefined {
  if (typeof time !== 'number' || !(time >= 0 && time < 1e13)) return undefined;
  return arrivalOf(epochSeconds(Math.floor(time)));
}

/** Other tools may write times as such, and numbers that can be missing as floating ones. */
function textOf({ name, type }: Column): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  if (type.startsWith('TIMESTAMP')) return `CAST(CAST(epoch(${column}) AS BIGINT) AS VARCHAR)`;
  if (type === 'DOUBLE' || type === 'FLOAT') return `CAST(CAST(${column} AS HUGEINT) AS VARCHAR)`;
  return `CAST(${column} AS VARCHAR)`;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!;
}
