import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { type AtomicFile, beginAtomicFile } from '../terminal/atomic-file.ts';
import { InputError } from '../terminal/input-error.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { heading } from '../terminal/text-table.ts';
import { type RowFormat, writeRows } from './csv-and-json-rows.ts';
import type { FlowDatabase } from './flow-database.ts';
import { type PlainRows, type PlainValue, plainRows } from './result-value.ts';
import { rowTable } from './row-table.ts';

/** The destination and format of rows. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  /** A file; its extension decides the format. */
  readonly output?: string;
  /** Upper bound of the rows in a table for people. */
  readonly limit: number;
}

/** A query to the database. */
export interface Query {
  readonly sql: string;
  /** The heading of the rows; undefined for the user's own SQL. */
  readonly title?: string;
  /** The LIMIT of a ready hunt. */
  readonly top?: number;
  /** Lines below a table, such as the time range of the rows. */
  readonly notes?: readonly string[];
  /** A line for standard error. */
  readonly warning?: string | undefined;
}

/** An opened destination of rows. */
export interface HuntOutput {
  /** Runs the query and writes its rows. */
  write(database: FlowDatabase, query: Query): Promise<void>;
  /** Removes an incomplete file. */
  discard(): Promise<void>;
}

/**
 * Opens the destination, so that a problem is reported before the work.
 *
 * @throws InputError if the destination cannot be written
 */
export async function openOutput({ json, csv, output, limit }: OutputOptions): Promise<HuntOutput> {
  if (output !== undefined) return toFile(output);
  const format = json ? 'json' : csv ? 'csv' : undefined;
  return {
    async write(database, query) {
      if (format === undefined) return showTable(database, query, limit);
      const result = plainRows(await database.query(query.sql));
      await database.withQueryErrors(query.sql, () => writeRows(result, format, writeStdout, process.stdout.isTTY));
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
    throw new InputError(
      `--output is invalid: got ${JSON.stringify(path)}, expected a file with the extension .parquet, .csv or .json`,
    );
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
  return database.withQueryErrors(sql, () => writeRows(result, format, (text) => file.write(text)));
}

/** Returns whether the rows name NAT gateways: see lib/queries/hunts/flows-once.ts. */
function hasGateways({ columns }: PlainRows): boolean {
  return columns.some(({ name }) => name === 'also_seen_at');
}

const noPacketAddresses =
  'The log format has no pkt-srcaddr and pkt-dstaddr: flows through a NAT gateway also appear as the flows of the gateway.';

async function showTable(
  database: FlowDatabase,
  { sql, title, top, notes: queryNotes = [] }: Query,
  limit: number,
): Promise<void> {
  const result = plainRows(await database.query(sql));
  const { rows, total } = await database.withQueryErrors(sql, async () => {
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
      ? `${formatInteger(rows.length)} of ${rowCount(total)} shown: --limit ${total} shows all; --csv, --json and --output write all.`
      : `${rowCount(total)} from ${formatInteger(database.flows)} flow${database.flows === 1 ? '' : 's'}, times in UTC.`,
    ...queryNotes,
    ...(title !== undefined && total > 0 && !database.loaded.hasPacketAddresses && hasGateways(result)
      ? [noPacketAddresses]
      : []),
    ...(total === top ? [`There may be more rows: use --top with a number above ${formatInteger(top)}.`] : []),
    ...(leftOut > 0 ? [`${formatInteger(leftOut)} empty column${leftOut === 1 ? '' : 's'} not shown.`] : []),
  ];
  const head = title === undefined ? '' : `${heading(title)}\n\n`;
  const body = total === 0 ? '' : `${text}\n`;
  await writeStdout(`${head}${body}${notes.join('\n')}\n`);
}

/** Escapes control characters of a query plan, except its line breaks: it has names from the query. */
function planText(plan: string): string {
  return plan.replace(/[^\n\P{C}]/gu, '?');
}

function rowCount(count: number): string {
  return `${formatInteger(count)} row${count === 1 ? '' : 's'}`;
}
