import { styleText } from 'node:util';

/**
 * Formats a table as text, with two spaces before each column and a line break after each line.
 *
 * @param right indexes of the columns that are aligned to the right, such as numbers
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const cell = (text: string, column: number) =>
    right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return lines.map((line) => `  ${line.map(cell).join('  ').trimEnd()}\n`).join('');
}

/** Formats a heading for standard output: bold on a terminal. */
export function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
