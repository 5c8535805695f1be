import { type Dialect, huntedLists } from '../../lib/queries/hunts/sql-dialect.ts';

/**
 * DuckDB's SQL, with the functions of network-functions.ts and the named lists that the rules have. An address is looked
 * up once a flow, however long the list is.
 *
 * @param firstDay the day in UTC to begin at, such as `2026-11-24`; all that there is for none
 */
export function duckDbDialect(firstDay?: string): Dialect {
  return {
    since: () => (firstDay === undefined ? 'true' : `day >= ${sqlText(firstDay)}`),
    listTable: (list) =>
      `${huntedLists[list]} (network) AS (\n  SELECT network FROM named_networks WHERE list = ${sqlText(list)}\n)`,
    contains: (network, address, list) => `${network} = network_of(${sqlText(list)}, ${address}, "end")`,
  };
}

/** A text as SQL writes it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
