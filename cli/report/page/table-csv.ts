/** A value of a cell; numbers have all digits. */
export type CsvValue = string | number | bigint;

/**
 * Writes CSV as in RFC 4180: a header, quotes where necessary, and CRLF. A spreadsheet runs a text that begins with `=`,
 * `+`, `-`, `@`, a tab or a carriage return as a formula. An apostrophe before such a text prevents that (OWASP, "CSV Injection").
 */
export function tableCsv(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(csvValue).join(',')}\r\n`).join('');
}

function csvValue(value: CsvValue): string {
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
