/**
 * Splits a row of CSV (RFC 4180) without line breaks in its values; undefined if a quote has no end, or a quoted value is
 * followed by text.
 */
export function csvCells(line: string, separator: ',' | ';' | '\t' = ','): string[] | undefined {
  const text = line.replace(/\r?\n?$/, '');
  const cells: string[] = [];
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}]*))(${separator}|$)`, 'y');
  for (;;) {
    const found = cell.exec(text);
    if (!found) return undefined;
    const [, quoted, bare, end] = found;
    cells.push(quoted === undefined ? bare! : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}
