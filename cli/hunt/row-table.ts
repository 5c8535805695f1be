import { printable } from '../../lambda/common/text.ts';
import { table } from '../terminal/text-table.ts';
import { type PlainValue, plainText, type ResultColumn } from './result-value.ts';

/** Upper bound of a cell on a terminal, where longer cells would break the lines. */
const maxCellWidth = 48;

/**
 * Formats rows as a table for people: numbers aligned right, `-` for null as in flow logs. Empty columns are left out,
 * unless all are empty.
 *
 * @returns the table, and the number of columns left out
 */
export function rowTable(
  columns: readonly ResultColumn[],
  rows: readonly (readonly PlainValue[])[],
  isTerminal: boolean,
): { readonly text: string; readonly leftOut: number } {
  const all = columns.map((_, index) => index);
  const filled = all.filter((index) => rows.some((row) => row[index] !== null));
  const shown = filled.length > 0 ? filled : all;
  const cell = (value: PlainValue) => {
    const text = printable(cellText(value));
    return isTerminal && text.length > maxCellWidth ? `${text.slice(0, maxCellWidth - 1)}…` : text;
  };
  return {
    text: table(
      shown.map((index) => printable(columns[index]!.name)),
      rows.map((row) => shown.map((index) => cell(row[index]!))),
      shown.flatMap((index, position) => (columns[index]!.isNumber ? position : [])),
    ),
    leftOut: columns.length - shown.length,
  };
}

/** Formats a value: `2026-11-24 09:05:00` for an ISO 8601 time, JSON for lists and structures. */
function cellText(value: PlainValue): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2');
  return plainText(value);
}
