import type { DuckDBConnection } from '@duckdb/node-api';
import type { Format } from '../../../lambda/flow-log/format.ts';
import { isInAnyNetwork, type Network } from '../../../lambda/networks/ip-address.ts';
import { hasDirection } from '../../monitored-networks/has-direction.ts';
import { askedAddressesSql, countedSql, type MonitoredAddresses } from './counted-sql.ts';
import { flowColumns } from './flow-columns.ts';

const table = 'monitored_addresses';

/**
 * Sets `counted` of the flows that have none yet: those of formats with `flow-direction`. Each distinct address is
 * compared with the monitored networks once, by the function that counts.
 *
 * @returns the temporary table of the addresses in the networks; undefined if none decides anything
 */
export async function completeCounted(
  connection: DuckDBConnection,
  formats: readonly Format[],
  networks: readonly Network[],
): Promise<MonitoredAddresses> {
  if (!hasDirection(formats)) return undefined;
  const columns = flowColumns(formats);
  const monitored = networks.length === 0 ? undefined : table;
  if (monitored !== undefined) {
    await connection.run(`CREATE TEMP TABLE ${table} (address VARCHAR)`);
    const appender = await connection.createAppender(table, 'main', 'temp');
    const asked = await connection.stream(askedAddressesSql(columns, 'flows'));
    for await (const rows of asked.yieldRows()) {
      for (const [address] of rows) {
        if (typeof address !== 'string' || !isInAnyNetwork(address, networks)) continue;
        appender.appendVarchar(address);
        appender.endRow();
      }
    }
    appender.closeSync();
  }
  await connection.run(`UPDATE flows SET counted = ${countedSql(columns, monitored)} WHERE counted IS NULL`);
  return monitored;
}
