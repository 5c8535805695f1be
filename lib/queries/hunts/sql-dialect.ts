/** The named lists of networks (rules/networks.yml) that hunts ask for, each with the name that it has in a query. */
export const huntedLists = { suspicious_ranges: 'suspicious', internal_networks: 'internal' } as const;

export type HuntedList = keyof typeof huntedLists;

/**
 * What differs between the SQL of Athena (engine version 3, which is Trino's) and that of DuckDB. All else of a hunt is
 * written in words that both have; DuckDB gets `from_unixtime` as a macro (cli/hunt/flow-database.ts).
 */
export interface Dialect {
  /**
   * A condition that holds from a day on.
   *
   * @param days so many before the last one, where nobody says how many
   */
  since(days: number): string;
  /** A part of `WITH`: the networks of a list, as the column `network` of a table of the list's name in a query. */
  listTable(list: HuntedList): string;
  /** The condition of a join: that the address lies in the network, a column of a table that `listed` made. */
  contains(network: string, address: string, list: HuntedList): string;
}
