import { type Dialect, huntedLists } from '../../lib/queries/hunts/sql-dialect.ts';
import { sqlText } from './load/sql-text.ts';

/**
 * Returns the SQL dialect of DuckDB, with the functions of network-functions.ts and the named lists of the rules. An
 * address is looked up once for each flow, regardless of the length of the list.
 *
 * @param range the flows to read by their end, in epoch seconds: after `after`, until `to` (default: all flows)
 * @param recentFrom the first end of a recent flow, in epoch seconds (default: all flows are recent)
 */
export function duckDbDialect(range?: { readonly after: number; readonly to: number }, recentFrom?: number): Dialect {
  return {
    since: () => (range === undefined ? 'true' : `coalesce("end", "start") BETWEEN ${range.after + 1} AND ${range.to}`),
    recent: () => (recentFrom === undefined ? 'true' : `coalesce("end", "start") >= ${recentFrom}`),
    listTable: (list) =>
      `${huntedLists[list]} (network) AS (\n  SELECT network FROM named_networks WHERE list = ${sqlText(list)}\n)`,
    contains: (network, address, list) => `${network} = network_of(${sqlText(list)}, ${address}, "end")`,
  };
}
