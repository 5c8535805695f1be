import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { messageOf } from '../../../lambda/common/errors.ts';
import { fields, notAvailable } from '../../../lambda/flow-log/fields.ts';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { closestFormat, versionsToReplace } from './common-format.ts';
import { arrivalOf } from './line-time.ts';
import { type Column, type ParquetColumns, parquetColumns, parquetRows, withLocalPath } from './parquet-file.ts';
import type { Entry, FileContent, Input, Read, Reading, UnreadableContent } from './reader.ts';

/** Detects the content of a Parquet file, or the reason why it cannot be read. Never rejects. */
export async function detectParquet(input: Input): Promise<FileContent | UnreadableContent> {
  try {
    for await (const content of withLocalPath(input, contentsAt)) return content;
    return { problem: 'the file is empty' };
  } catch (error) {
    return { problem: firstLine(error) };
  }
}

/** Yields the content of the file at a path, once. */
async function* contentsAt(path: string): AsyncGenerator<FileContent | UnreadableContent> {
  const content = contentOf(await parquetColumns(path));
  if (!('read' in content)) return yield content;
  for await (const [row] of parquetRows(path, [timeExpression(content.columns)])) {
    return yield { ...content, firstArrival: arrivalOfRow(row?.[0]) };
  }
  yield content;
}

interface ParquetContent extends FileContent {
  readonly columns: ReadonlyMap<string, Column>;
}

/**
 * Returns the content by the columns. Tables of this project's lake have a column for every field
 * (lib/lake/lake-columns.ts), so empty columns are not part of the format. Files of AWS have the columns of their format.
 */
function contentOf({ columns: stored, rows }: ParquetColumns): ParquetContent | UnreadableContent {
  const isOfLake = stored.some(({ name }) => name === 'counted');
  const columns = stored.filter(({ isEmpty }) => !isOfLake || !isEmpty);
  const byField = new Map(columns.map((column) => [column.name.replaceAll('_', '-'), column]));
  const names = new Set([...byField.keys()].filter((name) => fields.has(name)));
  const unreadable = columns.find(({ name }) => name === 'unreadable_line');
  if (names.size < 2 && !unreadable)
    return { problem: 'the columns are unknown, expected fields of flow logs, such as srcaddr and dstaddr' };
  return {
    kind: 'Parquet',
    fieldSets: names.size > 0 ? [names] : [],
    hasRecords: false,
    hasPlainLines: names.size === 0,
    columns: byField,
    read: reader(names, byField, unreadable, rows),
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

/** Returns the arrival of a row by its time, in epoch milliseconds. @param time epoch seconds or milliseconds */
function arrivalOfRow(time: unknown): number | undefined {
  if (typeof time !== 'number' || !(time >= 0 && time < 1e13)) return undefined;
  return arrivalOf(epochSeconds(Math.floor(time)));
}

/** Returns the SQL of a value as text. Other tools write times as TIMESTAMP, and nullable numbers as DOUBLE. */
function textOf({ name, type }: Column): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  if (type.startsWith('TIMESTAMP')) return `CAST(CAST(epoch(${column}) AS BIGINT) AS VARCHAR)`;
  if (type === 'DOUBLE' || type === 'FLOAT') return `CAST(CAST(${column} AS HUGEINT) AS VARCHAR)`;
  return `CAST(${column} AS VARCHAR)`;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!;
}
