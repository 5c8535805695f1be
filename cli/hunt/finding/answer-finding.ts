import { daySeconds } from '../../../lambda/common/calendar.ts';
import type { Quantity } from '../../../lambda/common/quantity.ts';
import type { GuardDutyFinding } from '../../../lambda/context/context-event.ts';
import type { KnownAddress, NameSource } from '../../../lambda/names/known-interface.ts';
import { duckDbDialect } from '../duckdb-dialect.ts';
import type { FlowDatabase } from '../flow-database.ts';
import { plainRows } from '../result-value.ts';
import { findingPairs, otherHosts, outsideTargets } from './questions.ts';

/** The traffic between a host and a remote address of a finding. Times are epoch seconds. */
export interface PairAnswer {
  readonly host: string;
  readonly remote: string;
  readonly bytesOut: Quantity;
  readonly bytesIn: Quantity;
  readonly recordsOut: number;
  readonly recordsIn: number;
  readonly rejects: number;
  /** The lower ports of the flows, at most ten, with commas; empty if the flows have none. */
  readonly ports: string;
  readonly first: number;
  readonly last: number;
  /** Whether the last flow ended at most ten minutes before the end of the logs. */
  readonly isGoingOn: boolean;
  /** A NAT gateway that logged the flows too. */
  readonly gateway?: string;
}

/** An address outside the private networks to which a host sent data. */
export interface TargetAnswer {
  readonly address: string;
  readonly bytes: Quantity;
  readonly records: number;
  /** Whether no accepted flow with it began before the time. */
  readonly isNew: boolean;
}

/** What the hosts of a finding sent to the outside in a time: after `from`, until `to`, in epoch seconds. */
export interface SentAnswer {
  readonly from: number;
  readonly to: number;
  readonly bytes: Quantity;
  readonly targets: number;
  readonly newBytes: Quantity;
  readonly newTargets: number;
  /** Whether the logs have flows of the time before, to which `isNew` compares. */
  readonly hasBefore: boolean;
  /** Those with the most bytes, at most ten. */
  readonly top: readonly TargetAnswer[];
}

/** Another inside host with flows with the remote addresses of a finding. */
export interface OtherHostAnswer {
  readonly host: string;
  readonly bytesOut: Quantity;
  readonly bytesIn: Quantity;
  readonly records: number;
  readonly rejects: number;
  readonly last: number;
}

/** What flow logs say about a finding. */
export interface FindingAnswer {
  readonly finding: GuardDutyFinding;
  /** The addresses of the finding's hosts, and those that were not asked for. */
  readonly hosts: readonly string[];
  readonly hostsLeftOut: number;
  /** Pairs with flow records, those with the most bytes first. */
  readonly pairs: readonly PairAnswer[];
  /** The remote addresses without a flow record. */
  readonly unseen: readonly string[];
  /** Undefined if no address of a host is known. */
  readonly sent?: SentAnswer;
  readonly others: readonly OtherHostAnswer[];
  /** The number of all other hosts. */
  readonly otherCount: number;
}

/** The most addresses of hosts: an attack sequence may name 200 interfaces. */
const maxHosts = 50;

/** The longest aggregation interval of flow logs (VPC User Guide, "Flow logs basics"), in seconds. */
const intervalSeconds = 600;

/** The part of the time around a finding without a remote address, in seconds. */
const aroundSeconds = 3600;

/**
 * Answers a finding from flows. Without a remote address, the sums are those of the time of the finding and an hour before
 * and after it; otherwise of the 24 hours before its last time.
 *
 * @param names who has addresses, for a finding that names no address of its host
 */
export async function answerFinding(
  finding: GuardDutyFinding,
  database: FlowDatabase,
  names: (NameSource & { readonly addresses: readonly KnownAddress[] }) | undefined,
): Promise<FindingAnswer> {
  const all = hostAddresses(finding, names?.addresses ?? []);
  const hosts = all.slice(0, maxHosts);
  const remotes = finding.remotes.filter((address) => !all.includes(address));
  const base = { finding, hosts, hostsLeftOut: all.length - hosts.length, others: [], otherCount: 0 };
  const { range } = database;
  if (hosts.length === 0 || !range) return { ...base, pairs: [], unseen: remotes };
  const window =
    remotes.length > 0
      ? { from: finding.last - daySeconds, to: finding.last }
      : { from: finding.first - aroundSeconds, to: finding.last + aroundSeconds };
  const sent = await sentAnswer(hosts, window, database);
  if (remotes.length === 0) return { ...base, pairs: [], unseen: [], sent };
  const asked = { hosts, remotes };
  const pairs = (await rowsOf(database, findingPairs(asked, duckDbDialect()))).map((row) => pairAnswer(row, range.to));
  const others = await rowsOf(database, otherHosts(asked, duckDbDialect()));
  return {
    ...base,
    pairs,
    unseen: remotes.filter((address) => pairs.every(({ remote }) => remote !== address)),
    sent,
    others: others.map(otherHostAnswer),
    otherCount: numberOf(others[0]?.hosts),
  };
}

/** Returns the addresses of a finding's hosts: those that it names, and those of its interfaces and instances by names. */
function hostAddresses({ hosts }: GuardDutyFinding, known: readonly KnownAddress[]): string[] {
  const addresses = hosts.flatMap((host) => {
    if (host.addresses.length > 0) return host.addresses;
    return known
      .filter(({ interface: id, id: instance }) =>
        host.interface === undefined ? instance !== undefined && instance === host.instance : id === host.interface,
      )
      .map(({ address }) => address);
  });
  return [...new Set(addresses)];
}

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(database: FlowDatabase, sql: string): Promise<Row[]> {
  const { columns, chunks } = plainRows(await database.query(sql));
  return database.withQueryErrors(sql, async () => {
    const rows: Row[] = [];
    for await (const chunk of chunks) {
      for (const values of chunk)
        rows.push(Object.fromEntries(columns.map(({ name }, index) => [name, values[index]])));
    }
    return rows;
  });
}

async function sentAnswer(
  hosts: readonly string[],
  window: { readonly from: number; readonly to: number },
  database: FlowDatabase,
): Promise<SentAnswer> {
  const rows = await rowsOf(database, outsideTargets(hosts, window, duckDbDialect()));
  return {
    ...window,
    bytes: quantityOf(rows[0]?.all_bytes),
    targets: numberOf(rows[0]?.targets),
    newBytes: quantityOf(rows[0]?.new_bytes),
    newTargets: numberOf(rows[0]?.new_targets),
    hasBefore: database.range!.from <= window.from,
    top: rows.map((row) => ({
      address: String(row.peer),
      bytes: quantityOf(row.sent_bytes),
      records: numberOf(row.records),
      isNew: numberOf(row.is_new) === 1,
    })),
  };
}

function pairAnswer(row: Row, end: number): PairAnswer {
  const last = numberOf(row.end);
  return {
    host: String(row.host),
    remote: String(row.remote),
    bytesOut: quantityOf(row.bytes_out),
    bytesIn: quantityOf(row.bytes_in),
    recordsOut: numberOf(row.records_out),
    recordsIn: numberOf(row.records_in),
    rejects: numberOf(row.rejects),
    ports: String(row.ports ?? ''),
    first: numberOf(row.first_start),
    last,
    isGoingOn: last >= end - intervalSeconds,
    ...(row.also_seen_at != null && { gateway: String(row.also_seen_at) }),
  };
}

function otherHostAnswer(row: Row): OtherHostAnswer {
  return {
    host: String(row.host),
    bytesOut: quantityOf(row.bytes_out),
    bytesIn: quantityOf(row.bytes_in),
    records: numberOf(row.records),
    rejects: numberOf(row.rejects),
    last: numberOf(row.last_end),
  };
}

/** Returns a number of bytes; 0 for null, as of flows without a field `bytes`. */
function quantityOf(value: unknown): Quantity {
  if (typeof value !== 'bigint') return numberOf(value);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function numberOf(value: unknown): number {
  return Number(value ?? 0);
}
