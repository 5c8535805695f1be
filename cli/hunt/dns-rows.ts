import { readDnsLogs } from '../dns/read-dns-logs.ts';
import { InputError } from '../terminal/input-error.ts';
import type { OwnTable } from './own-tables.ts';

const columns = ['time', 'srcaddr', 'vpc_id', 'name', 'type', 'address'];

/** Upper bound of rows: DuckDB holds the table in memory. */
const maxRows = 5_000_000;

/**
 * Reads DNS logs as a table for SQL, all texts, with a row for each address of each answer: the epoch seconds, the host that
 * asked and its VPC, the name, and the type of the address.
 *
 * @throws InputError if there are too many rows; the errors of readDnsLogs
 */
export async function readDnsTable(paths: readonly string[], signal: AbortSignal): Promise<OwnTable> {
  const table = await readDnsLogs(paths, signal);
  if (table.size > maxRows) {
    throw new InputError(
      `--dns has ${table.size} addresses, expected at most ${maxRows}; give the logs of fewer hours`,
    );
  }
  const rows = {
    *[Symbol.iterator]() {
      for (const { time, asker, name, address } of table.answers()) {
        yield [String(time), asker.host, asker.vpc ?? null, name, address.includes(':') ? 'AAAA' : 'A', address];
      }
    },
  };
  return { name: 'dns', path: paths.join(', '), columns, rows, networks: undefined, warnings: [] };
}
