/** The named lists of networks (rules/networks.yml) that hunts use, each with the name of its table in a query. */
export const huntedLists = { suspicious_ranges: 'suspicious', internal_networks: 'internal' } as const;

export type HuntedList = keyof typeof huntedLists;

/**
 * The differences between the SQL of Athena (engine version 3, which is Trino) and of DuckDB. The rest of a hunt is valid
 * in both; DuckDB gets Trino's functions that it lacks as macros (cli/hunt/trino-functions.ts).
 */
export interface Dialect {
  /**
   * Returns the condition that limits the days.
   *
   * @param days the days before the last one, unless the user names a range
   */
  since(days: number): string;
  /** Returns the condition that a flow is recent: all other flows are those of the days before. */
  recent(): string;
  /** Returns a part of `WITH`: the table of a list with its networks in the column `network`. */
  listTable(list: HuntedList): string;
  /** Returns the join condition that a network of a list's table contains the address. */
  contains(network: string, address: string, list: HuntedList): string;
}
