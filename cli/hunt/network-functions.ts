import { BIGINT, BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { addressGroups, isInNetwork, parseNetwork } from '../../lambda/core/address.ts';
import { unpacked } from '../../lambda/core/network-entry.ts';
import { NetworkTable } from '../../lambda/core/network-table.ts';
import type { NamedList } from '../../lambda/sigma/compiled.ts';

/**
 * What SQL asks of networks, answered by the code that judges, for IPv4 and IPv6:
 *
 * - `in_network(address, network)`: whether the address lies in the network, such as `'10.0.0.0/8'`; null for what is
 *   neither;
 * - `network_of(list, address, time)`: the smallest network of a named list that holds the address and had not expired at
 *   the time, in epoch seconds; null where there is none.
 */
export function addNetworkFunctions(connection: DuckDBConnection, lists: readonly NamedList[]): void {
  const tables = new Map(lists.map(({ name, entries }) => [name, new NetworkTable(entries.map(unpacked))]));
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'in_network',
      parameterTypes: [VARCHAR, VARCHAR],
      returnType: BOOLEAN,
      mainFunction: (_, input, output) => {
        const addresses = input.getColumnValues(0) as (string | null)[];
        const networks = input.getColumnValues(1) as (string | null)[];
        for (let row = 0; row < input.rowCount; row += 1) {
          output.setItem(row, isInNetworkText(addresses[row] ?? '', networks[row] ?? ''));
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
          const entry = tables
            .get(names[row] ?? '')
            ?.lookup(addresses[row] ?? '', time == null ? undefined : Number(time));
          output.setItem(row, entry?.network ?? null);
        }
        output.flush();
      },
    }),
  );
}

function isInNetworkText(address: string, network: string): boolean | null {
  const groups = addressGroups(address);
  const parsed = parseNetwork(network);
  return groups && !('problem' in parsed) ? isInNetwork(groups, parsed) : null;
}
