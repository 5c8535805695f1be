import { printable } from '../../lambda/common/text.ts';
import { table } from '../terminal/text-table.ts';
import { type PlainValue, plainText, type ResultColumn } from './result-value.ts';

/** The longest cell on a terminal, where wide ones would break the lines. */
const maxCellWidth = 48;

/**
 * Rows as a table for people: numbers to the right, `-` for what is null, as in flow logs. Columns without any value are
 * left out where there are others.
 *
 * @returns the table, and how many columns it leaves out
 */
export function rowTable(
  columns: readonly ResultColumn[],
  rows: readonly (readonly PlainValue[])[],
  isTerminal: boolean,
): { readonly text: string; readonly leftOut: number } {
  const places = columns.map((_, index) => index);
  const filled = places.filter((index) => rows.some((row) => row[index] !== null));
  const shown = filled.length > 0 ? filled : places;
  const cell = (value: PlainValue) => {
    const text = printable(cellText(value));
    return isTerminal && text.length > maxCellWidth ? `${text.slice(0, maxCellWidth - 1)}…` : text;
  };
  return {
    text: table(
      shown.map((index) => printable(columns[index]!.name)),
      rows.map((row) => shown.map((index) => cell(row[index]!))),
      shown.flatMap((index, place) => (columns[index]!.isNumber ? place : [])),
    ),
    leftOut: columns.length - shown.length,
  };
}

/** `2026-11-24 09:05:00` for a time in ISO 8601, JSON for lists and the like. */
function cellText(value: PlainValue): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2');
  return plainText(value);
}
