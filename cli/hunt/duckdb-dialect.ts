import { type Dialect, huntedLists } from '../../lib/queries/hunts/sql-dialect.ts';

/**
 * Returns the SQL dialect of DuckDB, with the functions of network-functions.ts and the named lists of the rules. An
 * address is looked up once for each flow, regardless of the length of the list.
 *
 * @param firstDay the first day in UTC, such as `2026-11-24` (default: all days)
 */
export function duckDbDialect(firstDay?: string): Dialect {
  return {
    since: () => (firstDay === undefined ? 'true' : `day >= ${sqlText(firstDay)}`),
    listTable: (list) =>
      `${huntedLists[list]} (network) AS (\n  SELECT network FROM named_networks WHERE list = ${sqlText(list)}\n)`,
    contains: (network, address, list) => `${network} = network_of(${sqlText(list)}, ${address}, "end")`,
  };
}

/** Returns an SQL literal of a text. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
