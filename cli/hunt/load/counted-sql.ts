import type { LakeColumn } from '../../../lib/lake/lake-columns.ts';
import { firstOf } from './flow-columns.ts';

/** The columns of a table of flows. */
type Columns = readonly Pick<LakeColumn, 'name'>[];

/** A table of the addresses in the monitored networks; undefined without any. */
export type MonitoredAddresses = string | undefined;

/** Returns an SQL expression that is true if a flow is part of its pair's sums: isCounted (lambda/flow-log/contribution.ts). */
export function countedSql(columns: Columns, monitored?: MonitoredAddresses): string {
  const { source, destination, action, bytes } = parts(columns);
  const accepted = `${action} = 'ACCEPT' AND ${bytes} IS NOT NULL AND NOT ${duplicateSql(columns, monitored)}`;
  const counts = `(${action} = 'REJECT' OR (${accepted}))`;
  return `coalesce(${source} IS NOT NULL AND ${destination} IS NOT NULL AND ${counts}, false)`;
}

/** Returns an SQL expression that is true if another interface logs a flow too: isDuplicateObservation. */
export function duplicateSql(columns: Columns, monitored: MonitoredAddresses): string {
  if (monitored === undefined || !hasColumn(columns, 'flow_direction')) return 'false';
  const { source, destination, action } = parts(columns);
  const isMonitored = (address: string) => `${address} IN (SELECT address FROM ${monitored})`;
  const sender = firstOf(['srcaddr'], columns);
  const forwarded = `${sender} <> ${source} AND NOT ${isMonitored(source)} AND ${isMonitored(destination)}`;
  return (
    `coalesce(${action} = 'ACCEPT' AND flow_direction IS NOT NULL AND ` +
    `CASE flow_direction WHEN 'ingress' THEN ${isMonitored(source)} ELSE ${forwarded} END, false)`
  );
}

/** Returns an SQL query of the distinct addresses of which duplicateSql asks whether they are monitored. */
export function askedAddressesSql(columns: Columns, table: string): string {
  const { source, destination, action } = parts(columns);
  const asked = `FROM ${table} WHERE ${action} = 'ACCEPT' AND flow_direction IS NOT NULL`;
  return `SELECT ${source} AS address ${asked} UNION SELECT ${destination} ${asked}`;
}

/** Returns the SQL conditions of the flows that lack something to count, by the first thing that is missing: addUncounted. */
export function uncountedSql(columns: Columns) {
  const { source, destination, action, bytes } = parts(columns);
  const hasPair = `${source} IS NOT NULL AND ${destination} IS NOT NULL`;
  const status = firstOf(['log_status'], columns);
  const isFlow = `coalesce(${status} NOT IN ('NODATA', 'SKIPDATA'), true)`;
  return {
    noAddress: `${isFlow} AND NOT (${hasPair})`,
    noAction: `${isFlow} AND ${hasPair} AND ${action} IS NULL`,
    noBytes: `${isFlow} AND ${hasPair} AND ${action} = 'ACCEPT' AND ${bytes} IS NULL`,
  };
}

function parts(columns: Columns) {
  return {
    source: firstOf(['pkt_srcaddr', 'srcaddr'], columns),
    destination: firstOf(['pkt_dstaddr', 'dstaddr'], columns),
    action: firstOf(['action'], columns),
    bytes: firstOf(['bytes'], columns),
  };
}

function hasColumn(columns: Columns, name: string): boolean {
  return columns.some((column) => column.name === name);
}
