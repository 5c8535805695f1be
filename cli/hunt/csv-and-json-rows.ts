import { writeQuantities } from '../../lambda/common/quantity.ts';
import { printable } from '../../lambda/common/text.ts';
import { type PlainRows, type PlainValue, plainText } from './result-value.ts';

/** The ways in which rows are written for programs. */
export type RowFormat = 'json' | 'csv';

/**
 * Writes rows piece by piece, as they come; answers how many there were.
 *
 * @param isTerminal whether a terminal gets them, which would obey what stands in a log; JSON escapes it anyhow
 */
export async function writeRows(
  rows: PlainRows,
  format: RowFormat,
  write: (text: string) => Promise<void>,
  isTerminal = false,
): Promise<number> {
  return format === 'json' ? writeJson(rows, write) : writeCsv(rows, write, isTerminal ? printable : (text) => text);
}

/** One JSON array of objects, a line each. Numbers have all their digits; what is no number (NaN) is null. */
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

/** RFC 4180 with a line feed as line break: a header, nothing for null. */
async function writeCsv(
  { columns, chunks }: PlainRows,
  write: (text: string) => Promise<void>,
  shown: (text: string) => string,
): Promise<number> {
  let count = 0;
  await write(csvLine(columns.map(({ name }) => shown(name))));
  for await (const chunk of chunks) {
    await write(
      chunk.map((row) => csvLine(row.map((value) => (value === null ? '' : shown(plainText(value)))))).join(''),
    );
    count += chunk.length;
  }
  return count;
}

function csvLine(values: readonly string[]): string {
  return `${values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\n`;
}
