import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';
import { InputError } from '../terminal/input-error.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { heading } from '../terminal/text-table.ts';
import { type RowFormat, writeRows } from './csv-and-json-rows.ts';
import type { FlowDatabase } from './flow-database.ts';
import { type PlainValue, plainRows } from './result-value.ts';
import { rowTable } from './row-table.ts';

/** Where rows go. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  /** A file, written by its ending. */
  readonly output?: string;
  /** The most rows that are shown to people. */
  readonly limit: number;
}

/** A question as it goes to the database. */
export interface Query {
  readonly sql: string;
  /** What its rows are, for people; none for SQL of their own. */
  readonly title?: string;
  /** The most rows that the query lets through, where it has a LIMIT of ours. */
  readonly top?: number;
}

/** A place for rows that is ready. */
export interface HuntOutput {
  /** Runs the query and writes its rows. */
  write(database: FlowDatabase, query: Query): Promise<void>;
  /** Leaves nothing half done. */
  discard(): Promise<void>;
}

/**
 * Makes the place ready, so that one learns before the work that it cannot be written.
 *
 * @throws InputError that says why
 */
export async function openOutput({ json, csv, output, limit }: OutputOptions): Promise<HuntOutput> {
  if (output !== undefined) return toFile(output);
  const format = json ? 'json' : csv ? 'csv' : undefined;
  return {
    async write(database, query) {
      if (format === undefined) return showTable(database, query, limit);
      const result = plainRows(await database.query(query.sql));
      await database.explained(query.sql, () => writeRows(result, format, writeStdout, process.stdout.isTTY));
    },
    discard: async () => {},
  };
}

const fileFormats: ReadonlyMap<string, RowFormat | 'parquet'> = new Map([
  ['.parquet', 'parquet'],
  ['.csv', 'csv'],
  ['.json', 'json'],
]);

async function toFile(path: string): Promise<HuntOutput> {
  const format = fileFormats.get(extname(path).toLowerCase());
  if (format === undefined) {
    throw new InputError(`--output takes a file that ends in .parquet, .csv or .json, got ${JSON.stringify(path)}`);
  }
  const file = await beginAtomicFile(path);
  return {
    async write(database, { sql }) {
      const rows = await writeFile(database, sql, format, file);
      await file.commit();
      await writeStdout(`${rowCount(rows)} in ${path}\n`);
    },
    discard: () => file.discard(),
  };
}

async function writeFile(
  database: FlowDatabase,
  sql: string,
  format: RowFormat | 'parquet',
  file: AtomicFile,
): Promise<number> {
  if (format === 'parquet') {
    const { path, rows } = await database.parquet(sql);
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) await file.write(bytes);
    return rows;
  }
  const result = plainRows(await database.query(sql));
  return database.explained(sql, () => writeRows(result, format, (text) => file.write(text)));
}

async function showTable(database: FlowDatabase, { sql, title, top }: Query, limit: number): Promise<void> {
  const result = plainRows(await database.query(sql));
  const { rows, total } = await database.explained(sql, async () => {
    const rows: (readonly PlainValue[])[] = [];
    let total = 0;
    for await (const chunk of result.chunks) {
      rows.push(...chunk.slice(0, limit - rows.length));
      total += chunk.length;
      if (rows.length >= limit) break;
    }
    return { rows, total: total + (await result.rest()) };
  });
  if (result.columns.map(({ name }) => name).join() === 'explain_key,explain_value') {
    return writeStdout(rows.map(([, plan]) => `${planText(String(plan))}\n`).join(''));
  }
  const { text, leftOut } = rowTable(result.columns, rows, process.stdout.isTTY);
  const notes = [
    total > rows.length
      ? `${formatInteger(rows.length)} of ${rowCount(total)} shown: --limit ${total} shows all, --csv, --json and --output write them.`
      : `${rowCount(total)} from ${formatInteger(database.flows)} flow${database.flows === 1 ? '' : 's'}, times in UTC.`,
    ...(total === top ? [`There may be more: --top takes a number above ${formatInteger(top)}.`] : []),
    ...(leftOut > 0 ? [`${formatInteger(leftOut)} column${leftOut === 1 ? '' : 's'} without a value left out.`] : []),
  ];
  const head = title === undefined ? '' : `${heading(title)}\n\n`;
  const body = total === 0 ? '' : `${text}\n`;
  await writeStdout(`${head}${body}${notes.join('\n')}\n`);
}

/** A plan is a drawing of several lines, with names of the query's author in it. */
function planText(plan: string): string {
  return plan.replace(/[^\n\P{C}]/gu, '?');
}

function rowCount(count: number): string {
  return `${formatInteger(count)} row${count === 1 ? '' : 's'}`;
}
