import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { plural, printable, truncate } from '../../lambda/common/text.ts';
import { csvCells } from '../flow-files/formats/csv-cells.ts';
import { parquetColumns, parquetRows, withLocalPath } from '../flow-files/formats/parquet-file.ts';
import { parquetMagic } from '../flow-files/formats/parquet-magic.ts';
import { localFiles } from '../flow-files/storage/local-files.ts';
import { fileErrorText } from '../terminal/file-error.ts';

/** Upper bound of a file in bytes, and of its rows: the file and its values are in memory at once. */
const maxFileBytes = 32 * 1024 * 1024;
const maxRows = 1_000_000;
const maxColumns = 200;
/** Upper bound of a row of CSV and of a value of Parquet, in characters. */
const maxRowLength = 100_000;

/** A value of a row; null if it is missing. */
export type OwnValue = string | null;

/** The names of columns as in the file, and the rows. Each row has a value for each column. */
export interface OwnRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly OwnValue[])[];
}

/**
 * Reads a local file as a table of texts, by its extension: `.csv` with a header, `.json` with an array of objects or an
 * object a line, `.jsonl` or `.ndjson`, or `.parquet`.
 *
 * @throws Error that says what is wrong, and in which line or row
 */
export async function readOwnTableFile(path: string): Promise<OwnRows> {
  const kind = extname(path).toLowerCase();
  if (path.startsWith('s3://')) throw new Error('an object of a bucket is not supported; download it first');
  if (kind === '.csv') return checkedRows(rowsOfCsv(await readText(path)));
  if (['.json', '.jsonl', '.ndjson'].includes(kind)) return checkedRows(rowsOfJson(await readText(path)));
  if (kind === '.parquet') return checkedRows(await rowsOfParquet(path));
  throw new Error('the kind of file is not supported, expected .csv, .json, .jsonl, .ndjson or .parquet');
}

async function readText(path: string): Promise<string> {
  await checkFile(path);
  const bytes = await readFile(path).catch(unreadable);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the text is not UTF-8; save it as UTF-8');
  }
}

/** Checks a file before it is opened: to open a pipe waits for a writer, and no signal ends the wait. */
async function checkFile(path: string): Promise<void> {
  const stats = await stat(path).catch(unreadable);
  if (!stats.isFile()) throw new Error('got a folder, device or pipe, expected a file');
  checkSize(stats.size);
}

function unreadable(error: unknown): never {
  throw new Error(fileErrorText(error));
}

function checkSize(bytes: number): void {
  if (bytes > maxFileBytes) {
    throw new Error(`got ${bytes} bytes, expected at most ${maxFileBytes}; remove rows or columns`);
  }
}

function rowsOfCsv(text: string): OwnRows {
  const lines = text.split(/\r\n?|\n/);
  const separator = separatorOf(lines.find((line) => line.trim() !== '') ?? '');
  let columns: readonly string[] | undefined;
  const rows: OwnValue[][] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    if (line.length > maxRowLength) {
      throw new Error(`line ${index + 1} has ${line.length} characters, expected at most ${maxRowLength}`);
    }
    const cells = csvCells(line, separator)?.map((value) => value.trim());
    if (!cells) {
      throw new Error(
        `line ${index + 1} has a quote without an end, or text after one; values with line breaks are not supported`,
      );
    }
    if (!columns) {
      columns = cells;
      continue;
    }
    if (cells.length !== columns.length) {
      throw new Error(
        `line ${index + 1} has ${plural(cells.length, 'value')}, expected ${columns.length} as in the header`,
      );
    }
    checkCount(rows.push(cells.map((value) => (value === '' ? null : value))));
  }
  if (!columns) throw new Error('the file is empty, expected a header such as address,owner');
  return { columns, rows };
}

/** Returns the separator of a header; spreadsheets also write semicolons or tabs. */
function separatorOf(header: string): ',' | ';' | '\t' {
  if (header.includes(',')) return ',';
  return header.includes(';') ? ';' : header.includes('\t') ? '\t' : ',';
}

function rowsOfJson(text: string): OwnRows {
  const isArray = text.trimStart().startsWith('[');
  const objects = isArray ? objectsOfArray(text) : objectsOfLines(text);
  const columns = new Map<string, number>();
  for (const object of objects) {
    for (const name of Object.keys(object)) if (!columns.has(name)) columns.set(name, columns.size);
    // Each row gets a value for each column, so a short file of unlike objects would fill the memory.
    checkColumns(columns.size);
  }
  const names = [...columns.keys()];
  return {
    columns: names,
    rows: objects.map((object) => names.map((name) => (Object.hasOwn(object, name) ? textOf(object[name]) : null))),
  };
}

function objectsOfArray(text: string): Record<string, unknown>[] {
  const values = parseJson(text, '') as unknown[];
  checkCount(values.length);
  return values.map((value, index) => objectOf(value, `element ${index + 1}`));
}

function objectsOfLines(text: string): Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `line ${index + 1}`;
    checkCount(objects.push(objectOf(parseJson(line, ` in ${where}`), where)));
  }
  return objects;
}

/** Parses JSON; a number becomes its text with all digits. */
function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    );
  } catch {
    throw new Error(`the JSON is invalid${where}, expected an array of objects, or an object a line`);
  }
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${where} is not an object, expected one such as {"address": "10.0.1.5", "owner": "web"}`);
}

function textOf(value: unknown): OwnValue {
  if (value === null || value === undefined) return null;
  const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();
  return text === '' ? null : text;
}

async function rowsOfParquet(path: string): Promise<OwnRows> {
  await checkFile(path);
  const [file] = (await localFiles(path)).files;
  for await (const start of file!.open(parquetMagic.length)) {
    if (!start.equals(parquetMagic)) throw new Error('the file is not Parquet');
  }
  const rows: OwnValue[][] = [];
  let columns: readonly string[] = [];
  const input = { file: file!, chunks: () => file!.open(), read: () => {} };
  const chunks = withLocalPath(input, async function* (local) {
    const found = await parquetColumns(local);
    checkCount(found.rows);
    columns = found.columns.map(({ name }) => name);
    const texts = columns.map((name) => `left(CAST("${name.replaceAll('"', '""')}" AS VARCHAR), ${maxRowLength})`);
    yield* parquetRows(local, texts);
  });
  let characters = 0;
  try {
    for await (const chunk of chunks) {
      for (const row of chunk) {
        const values = row.map(textOf);
        characters += values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
        // A compressed file may be a thousand times as long.
        if (characters > maxFileBytes * 4) {
          throw new Error(`got more than ${maxFileBytes * 4} characters; remove rows or columns`);
        }
        rows.push(values);
      }
    }
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(printable(truncate(reason.replace(/file ['"][^'"]*['"]/i, 'the file'), 300)));
  }
  return { columns, rows };
}

function checkCount(rows: number): void {
  if (rows > maxRows) throw new Error(`got more than ${maxRows} rows, expected at most as many; remove rows`);
}

function checkColumns(columns: number): void {
  if (columns > maxColumns) throw new Error(`got ${columns} columns, expected at most ${maxColumns}`);
}

function checkedRows(rows: OwnRows): OwnRows {
  if (rows.columns.length === 0) throw new Error('the file has no columns');
  checkColumns(rows.columns.length);
  return rows;
}
