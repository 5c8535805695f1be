import { styleText } from 'node:util';
import { terminalWidth } from './terminal-width.ts';

const indent = 2;
const continuationIndent = 6;

/**
 * Formats a table as text, with two spaces before each column and a line break after each line. Columns that do not fit
 * continue on further lines, so that a terminal breaks no line and no value is cut.
 *
 * @param right indexes of the columns that are aligned to the right, such as numbers
 * @param maxWidth maximum number of characters of a line (default: the width of the terminal; no limit elsewhere)
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
  maxWidth: number = terminalWidth(process.stdout),
): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => lines.reduce((max, line) => Math.max(max, line[column]!.length), 0));
  const cell = (text: string, column: number) =>
    right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  const groups = columnGroups(widths, maxWidth);
  return lines
    .flatMap((line) =>
      groups.flatMap((group, index) => {
        const text = group
          .map((column) => cell(line[column]!, column))
          .join('  ')
          .trimEnd();
        // A continuation without a value needs no line.
        return index > 0 && text === '' ? [] : pieces(text, index === 0 ? indent : continuationIndent, maxWidth);
      }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Returns the columns of each line of a row: as many as fit, and at least one. */
function columnGroups(widths: readonly number[], maxWidth: number): number[][] {
  const groups: number[][] = [[]];
  let width = indent - 2;
  for (const [column, own] of widths.entries()) {
    if (groups.at(-1)!.length > 0 && width + 2 + own > maxWidth) {
      groups.push([]);
      width = continuationIndent - 2;
    }
    groups.at(-1)!.push(column);
    width += 2 + own;
  }
  return groups;
}

/** Breaks a text that is wider than a line; only a single value can be. */
function pieces(text: string, before: number, maxWidth: number): string[] {
  const length = Math.max(1, maxWidth - before);
  if (text.length <= length) return [`${' '.repeat(text === '' ? 0 : before)}${text}`];
  return [`${' '.repeat(before)}${text.slice(0, length)}`, ...pieces(text.slice(length), continuationIndent, maxWidth)];
}

/** Formats a heading for standard output: bold on a terminal. */
export function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
