import { styleText } from 'node:util';

/**
 * A table as text, two spaces before and between the columns, each line with its break.
 *
 * @param right the columns that are set to the right, as numbers are
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const cell = (text: string, column: number) =>
    right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return lines.map((line) => `  ${line.map(cell).join('  ').trimEnd()}\n`).join('');
}

/** A heading on standard output: bold on a terminal. */
export function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
