import { writeQuantities } from '../../lambda/common/quantity.ts';
import { printable } from '../../lambda/common/text.ts';
import { type PlainRows, type PlainValue, plainText } from './result-value.ts';

/** The formats of rows for programs. */
export type RowFormat = 'json' | 'csv';

/**
 * Writes rows chunk by chunk, and returns their number.
 *
 * @param isTerminal whether to escape control characters in CSV, because a terminal would obey them; JSON always escapes them
 */
export async function writeRows(
  rows: PlainRows,
  format: RowFormat,
  write: (text: string) => Promise<void>,
  isTerminal = false,
): Promise<number> {
  return format === 'json' ? writeJson(rows, write) : writeCsv(rows, write, isTerminal ? printable : (text) => text);
}

/** Writes one JSON array with an object a line. Numbers have all digits; NaN is null. */
async function writeJson({ columns, chunks }: PlainRows, write: (text: string) => Promise<void>): Promise<number> {
  const keys = columns.map(({ name }) => JSON.stringify(name));
  let count = 0;
  await write('[');
  for await (const chunk of chunks) {
    const lines = chunk.map((row) => row.map((value, index) => `${keys[index]}: ${json(value)}`).join(', '));
    if (lines.length > 0) await write(`${count > 0 ? ',' : ''}${lines.map((line) => `\n  {${line}}`).join(',')}`);
    count += lines.length;
  }
  await write(count > 0 ? '\n]\n' : ']\n');
  return count;
}

function json(value: PlainValue): string {
  return JSON.stringify(value, writeQuantities);
}

/** Writes CSV as in RFC 4180, but with line feeds: a header, and an empty value for null. */
async function writeCsv(
  { columns, chunks }: PlainRows,
  write: (text: string) => Promise<void>,
  escaped: (text: string) => string,
): Promise<number> {
  let count = 0;
  await write(csvLine(columns.map(({ name }) => escaped(name))));
  for await (const chunk of chunks) {
    await write(
      chunk.map((row) => csvLine(row.map((value) => (value === null ? '' : escaped(plainText(value)))))).join(''),
    );
    count += chunk.length;
  }
  return count;
}

function csvLine(values: readonly string[]): string {
  return `${values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`;
}
