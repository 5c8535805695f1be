import type { Dialect, HuntedList } from './sql-dialect.ts';

/** What a hunt must be told: an address. */
export interface HuntParameter {
  readonly name: string;
  readonly description: string;
}

/** What else may be said of a hunt. */
export interface HuntOptions {
  /** The most rows. */
  readonly top: number;
  /** The seconds of an interval of a hunt that goes by time. */
  readonly interval: number;
}

/** A question that is asked of flow logs again and again, in SQL on the table `vpc_flow_logs`. */
export interface Hunt {
  readonly name: string;
  /** What its rows are. */
  readonly description: string;
  readonly parameters: readonly HuntParameter[];
  /** How many days before the last one it reads, where nobody says how many. */
  readonly days: number;
  /** The list of networks that it asks for, if any. */
  readonly list?: HuntedList;
  /** Whether it goes by intervals of time. */
  readonly isByTime?: boolean;
  readonly template: (question: Question) => string;
}

/** What a hunt's text depends on. */
interface Question extends Dialect, HuntOptions {
  /** The condition that leaves out days. */
  readonly day: string;
  readonly values: readonly string[];
}

const defaultOptions: HuntOptions = { top: 1000, interval: 3600 };

/**
 * A hunt as one SQL statement.
 *
 * @param values of its parameters, each an expression: a text in quotes, or `?`
 */
export function huntSql(
  hunt: Hunt,
  dialect: Dialect,
  values: readonly string[],
  choices: Partial<HuntOptions> = {},
): string {
  const day = dialect.since(hunt.days);
  return hunt.template({ ...dialect, day, values, ...defaultOptions, ...choices }).trim();
}

/** The ends that are counted: those behind a NAT gateway or a transit gateway, where the format has them. */
const src = 'coalesce(pkt_srcaddr, srcaddr)';
const dst = 'coalesce(pkt_dstaddr, dstaddr)';

const seen = 'from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen';

/** The service, as a rule: clients have high ports, and both directions of a talk should be one row. */
const port = 'least(coalesce(srcport, dstport), coalesce(dstport, srcport)) AS port';

/** The flows of a transit gateway have no action: what was not rejected has passed. */
const passed = "sum(CASE WHEN action = 'REJECT' THEN 0 ELSE bytes END) AS total_bytes";

/** Of nothing but flows without an action, `count_if` is null in DuckDB and 0 in Trino. */
const rejects = "count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects";

/** Nothing that is logged a second time at the other end, and no line without traffic; all of a transit gateway. */
const traffic = '(counted OR (action IS NULL AND srcaddr IS NOT NULL))';

/**
 * What one hunts for, for Athena and for DuckDB. `counted` leaves out what is logged a second time at the other end.
 * SQL's words are in capitals, names are not; `start` and `end` are words of SQL too, and so those columns stand in
 * quotes. Whole numbers are never divided, which gives a fraction in one of the two.
 */
export const hunts: readonly Hunt[] = [
  {
    name: 'suspicious-ranges',
    description: 'Who of the suspicious ranges was rejected, and at how many targets and ports.',
    parameters: [],
    days: 1,
    list: 'suspicious_ranges',
    template: ({ day, top, listTable: listed, contains: holds }) => `
WITH ${listed('suspicious_ranges')}
SELECT ${src} AS src, network, count(*) AS rejects, count(DISTINCT ${dst}) AS targets, count(DISTINCT dstport) AS ports,
  ${seen}
FROM vpc_flow_logs
JOIN suspicious ON ${holds('network', src, 'suspicious_ranges')}
WHERE ${day} AND counted AND action = 'REJECT'
GROUP BY 1, 2
ORDER BY rejects DESC, src
LIMIT ${top}`,
  },
  {
    name: 'exfiltration',
    description: 'Pairs with more than 100 MB of accepted traffic on a day, wherever the target is.',
    parameters: [],
    days: 7,
    template: ({ day, top }) => `
SELECT day, ${src} AS src, ${dst} AS dst, sum(bytes) AS total_bytes, count(*) AS flows
FROM vpc_flow_logs
WHERE ${day} AND counted AND action = 'ACCEPT'
GROUP BY 1, 2, 3
HAVING sum(bytes) > 100000000
ORDER BY total_bytes DESC, day, src, dst
LIMIT ${top}`,
  },
  {
    name: 'lateral-movement',
    description: 'Who spoke to whom within the private networks, by service: what a segment is cut by.',
    parameters: [],
    days: 1,
    list: 'internal_networks',
    template: ({ day, top, listTable: listed, contains: holds }) => `
WITH ${listed('internal_networks')}
SELECT ${src} AS src, ${dst} AS dst, dstport, protocol, action, count(*) AS flows, sum(bytes) AS total_bytes
FROM vpc_flow_logs
JOIN internal AS src_network ON ${holds('src_network.network', src, 'internal_networks')}
JOIN internal AS dst_network ON ${holds('dst_network.network', dst, 'internal_networks')}
WHERE ${day} AND counted
GROUP BY 1, 2, 3, 4, 5
ORDER BY flows DESC, src, dst, dstport, protocol, action
LIMIT ${top}`,
  },
  {
    name: 'failures',
    description: 'Who was rejected at the same port of the same target 20 times and more.',
    parameters: [],
    days: 1,
    template: ({ day, top }) => `
SELECT ${src} AS src, ${dst} AS dst, dstport, protocol, count(*) AS rejects,
  ${seen}
FROM vpc_flow_logs
WHERE ${day} AND counted AND action = 'REJECT'
GROUP BY 1, 2, 3, 4
HAVING count(*) >= 20
ORDER BY rejects DESC, src, dst, dstport, protocol
LIMIT ${top}`,
  },
  {
    name: 'beacons',
    description:
      'Pairs that were active in 24 different hours and more, with less than 10 MB: beacons, and what looks like them.',
    parameters: [],
    days: 7,
    template: ({ day, top }) => `
SELECT ${src} AS src, ${dst} AS dst, dstport, count(DISTINCT "end" - "end" % 3600) AS active_hours,
  sum(bytes) AS total_bytes, ${seen}
FROM vpc_flow_logs
WHERE ${day} AND counted AND action = 'ACCEPT'
GROUP BY 1, 2, 3
HAVING count(DISTINCT "end" - "end" % 3600) >= 24 AND sum(bytes) < 10000000
ORDER BY active_hours DESC, total_bytes, src, dst, dstport
LIMIT ${top}`,
  },
  {
    name: 'rejected-against-accepted',
    description:
      'Where the security groups or network ACLs of an interface rejected a part of what came to one port, and accepted ' +
      'the rest. A flow log does not say which of the two it was.',
    parameters: [],
    days: 1,
    template: ({ day, top }) => `
SELECT interface_id, ${dst} AS dst, dstport, protocol,
  count_if(action = 'REJECT') AS rejected, count_if(action = 'ACCEPT') AS accepted,
  count(DISTINCT CASE WHEN action = 'REJECT' THEN ${src} END) AS rejected_sources,
  count(DISTINCT CASE WHEN action = 'ACCEPT' THEN ${src} END) AS accepted_sources
FROM vpc_flow_logs
WHERE ${day} AND action IN ('ACCEPT', 'REJECT') AND reject_reason IS NULL
GROUP BY 1, 2, 3, 4
HAVING count_if(action = 'REJECT') > 0 AND count_if(action = 'ACCEPT') > 0
ORDER BY rejected DESC, interface_id, dst, dstport, protocol
LIMIT ${top}`,
  },
  {
    name: 'counters',
    description: 'What the counters of pairs say, made again from the flows.',
    parameters: [],
    days: 1,
    template: ({ day, top }) => `
SELECT ${src} AS src, ${dst} AS dst,
  sum(CASE WHEN action = 'ACCEPT' THEN bytes ELSE 0 END) AS total_bytes, count_if(action = 'REJECT') AS rejects
FROM vpc_flow_logs
WHERE ${day} AND counted
GROUP BY 1, 2
ORDER BY total_bytes DESC, rejects DESC, src, dst
LIMIT ${top}`,
  },
  {
    name: 'host',
    description: 'Whom one host spoke to and who spoke to it, at which port, what of it passed and what was rejected.',
    parameters: [{ name: 'address', description: 'of the host' }],
    days: 7,
    template: ({ day, top, values: [host] }) => `
WITH asked (host) AS (
  VALUES (${host})
)
SELECT CASE WHEN ${src} = host THEN 'to' ELSE 'from' END AS direction,
  CASE WHEN ${src} = host THEN ${dst} ELSE ${src} END AS peer, ${port}, protocol,
  count(*) AS flows, ${rejects}, ${passed},
  sum(CASE WHEN action = 'REJECT' THEN bytes ELSE 0 END) AS rejected_bytes, ${seen}
FROM vpc_flow_logs
JOIN asked ON host IN (${src}, ${dst})
WHERE ${day} AND ${traffic}
GROUP BY 1, 2, 3, 4
ORDER BY total_bytes DESC, rejects DESC, direction DESC, peer, port, protocol
LIMIT ${top}`,
  },
  {
    name: 'pair',
    description: 'What went between two hosts, either way, by port.',
    parameters: [
      { name: 'a', description: 'the address of one host' },
      { name: 'b', description: 'the address of the other' },
    ],
    days: 7,
    template: ({ day, top, values: [a, b] }) => `
WITH asked (a, b) AS (
  VALUES (${a}, ${b})
)
SELECT ${src} AS src, ${dst} AS dst, ${port}, protocol,
  count(*) AS flows, ${rejects}, ${passed}, sum(packets) AS packets, ${seen}
FROM vpc_flow_logs
JOIN asked ON (${src} = a AND ${dst} = b) OR (${src} = b AND ${dst} = a)
WHERE ${day} AND ${traffic}
GROUP BY 1, 2, 3, 4
ORDER BY total_bytes DESC, rejects DESC, src, port, protocol
LIMIT ${top}`,
  },
  {
    name: 'timeline',
    description:
      'Flows, rejects, bytes that passed and hosts, interval by interval: when something began, and when it ended.',
    parameters: [],
    days: 7,
    isByTime: true,
    template: ({ day, top, interval }) => `
SELECT from_unixtime("end" - "end" % ${interval}) AS interval_start, count(*) AS flows, ${rejects},
  ${passed}, count(DISTINCT ${src}) AS sources, count(DISTINCT ${dst}) AS targets
FROM vpc_flow_logs
WHERE ${day} AND ${traffic}
GROUP BY 1
ORDER BY interval_start
LIMIT ${top}`,
  },
  {
    name: 'top-talkers',
    description: 'Who sent the most, and to how many targets.',
    parameters: [],
    days: 1,
    template: ({ day, top }) => `
SELECT ${src} AS src, ${passed}, count(*) AS flows, ${rejects}, count(DISTINCT ${dst}) AS targets,
  ${seen}
FROM vpc_flow_logs
WHERE ${day} AND ${traffic}
GROUP BY 1
ORDER BY total_bytes DESC, src
LIMIT ${top}`,
  },
];
