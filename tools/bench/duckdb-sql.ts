import { logFields } from '../../lambda/flow-log/deployed-format.ts';
import { defaultFormat } from '../../lambda/flow-log/format.ts';
import type { LineFormat } from './flow-log-lines.ts';

const types: Readonly<Record<string, string>> = {
  ...{ version: 'INTEGER', srcport: 'INTEGER', dstport: 'INTEGER', protocol: 'INTEGER', 'tcp-flags': 'INTEGER' },
  ...{ 'traffic-path': 'INTEGER', packets: 'BIGINT', bytes: 'BIGINT', start: 'BIGINT', end: 'BIGINT' },
};

/**
 * Returns the call of DuckDB's CSV reader with the type of each column, so that it detects nothing.
 *
 * @param path a file of lines, or of lines that gzip compressed
 */
export function readCsv(path: string, format: LineFormat): string {
  const isDefault = format === 'default';
  const names = isDefault ? defaultFormat.split(' ') : logFields;
  const columns = names.map((name) => `'${name}': '${types[name] ?? 'VARCHAR'}'`).join(', ');
  // The lines of the default format have all values.
  const differences = isDefault ? 'header = false' : "header = true, nullstr = '-'";
  return `read_csv('${quoted(path)}', delim = ' ', auto_detect = false, ${differences}, columns = {${columns}})`;
}

/** Returns the statement that prints each pair of a file with the sum of its accepted bytes and the number of its rejects. */
export function printPairs(path: string, format: LineFormat): string {
  // The addresses of the packets are those of the endpoints behind a NAT gateway.
  const [src, dst] =
    format === 'default'
      ? ['srcaddr', 'dstaddr']
      : ['coalesce("pkt-srcaddr", srcaddr)', 'coalesce("pkt-dstaddr", dstaddr)'];
  const bytes = "CAST(coalesce(sum(bytes) FILTER (action = 'ACCEPT'), 0) AS BIGINT)";
  return printed(
    `SELECT ${src}, ${dst}, ${bytes}, count(*) FILTER (action = 'REJECT') FROM ${readCsv(path, format)} GROUP BY ALL`,
  );
}

/** Returns the statement that prints the rows of a query, with a blank between two values. */
export function printed(query: string): string {
  return `COPY (${query}) TO '/dev/stdout' (FORMAT csv, DELIMITER ' ', HEADER false)`;
}

/** Returns a path for a text in SQL. */
export function quoted(path: string): string {
  return path.replaceAll("'", "''");
}
