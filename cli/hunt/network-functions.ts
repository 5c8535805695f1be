import { BIGINT, BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { addressGroups, isInNetwork, parseNetwork } from '../../lambda/networks/ip-address.ts';
import { unpackEntry } from '../../lambda/networks/network-entry.ts';
import { NetworkTable } from '../../lambda/networks/network-table.ts';
import type { NamedList } from '../../lambda/rules/model.ts';

/**
 * Adds SQL functions on networks, with the code that evaluates rules, for IPv4 and IPv6:
 *
 * - `in_network(address, network)`: whether the address is in the network, such as `'10.0.0.0/8'`; null for an invalid
 *   address
 * - `network_of(list, address, time)`: the smallest network of a named list that has the address and is not expired at
 *   the time, in epoch seconds; null without such a network
 *
 * An invalid network or an unknown list is an error of the query, so that a typing error does not give an empty result.
 */
export function addNetworkFunctions(connection: DuckDBConnection, lists: readonly NamedList[]): void {
  const tables = new LazyTables(lists);
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'in_network',
      parameterTypes: [VARCHAR, VARCHAR],
      returnType: BOOLEAN,
      mainFunction: (_, input, output) => {
        const addresses = input.getColumnValues(0) as (string | null)[];
        const networks = input.getColumnValues(1) as (string | null)[];
        for (let row = 0; row < input.rowCount; row += 1) {
          output.setItem(row, isInNetworkText(addresses[row] ?? '', networks[row] ?? null));
        }
        output.flush();
      },
    }),
  );
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'network_of',
      parameterTypes: [VARCHAR, VARCHAR, BIGINT],
      returnType: VARCHAR,
      mainFunction: (_, input, output) => {
        const names = input.getColumnValues(0) as (string | null)[];
        const addresses = input.getColumnValues(1) as (string | null)[];
        const times = input.getColumnValues(2) as (bigint | null)[];
        for (let row = 0; row < input.rowCount; row += 1) {
          const time = times[row];
          const name = names[row] ?? null;
          const entry =
            name === null
              ? undefined
              : tables.named(name).lookup(addresses[row] ?? '', time == null ? undefined : Number(time));
          output.setItem(row, entry?.network ?? null);
        }
        output.flush();
      },
    }),
  );
}

/** The tables of the lists. Most queries use one list or none, so a table is made at its first use. */
class LazyTables {
  readonly #lists: readonly NamedList[];
  readonly #tables = new Map<string, NetworkTable>();

  constructor(lists: readonly NamedList[]) {
    this.#lists = lists;
  }

  /** @throws Error if the list is unknown */
  named(name: string): NetworkTable {
    const known = this.#tables.get(name);
    if (known) return known;
    const list = this.#lists.findLast((other) => other.name === name);
    if (!list) {
      const names = this.#lists.map((other) => other.name).join(', ');
      throw new Error(`network_of: the list is unknown: got ${name}, expected one of ${names}`);
    }
    const table = new NetworkTable(list.entries.map(unpackEntry));
    this.#tables.set(name, table);
    return table;
  }
}

function isInNetworkText(address: string, network: string | null): boolean | null {
  if (network === null) return null;
  const groups = addressGroups(address);
  const parsed = parseNetwork(network);
  if ('problem' in parsed) throw new Error(`in_network: ${parsed.problem}`);
  return groups ? isInNetwork(groups, parsed) : null;
}
