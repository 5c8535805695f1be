import type { Dialect, HuntedList } from './sql-dialect.ts';

/** A required parameter of a hunt: an address. */
export interface HuntParameter {
  readonly name: string;
  readonly description: string;
}

/** The optional parameters of a hunt. */
export interface HuntOptions {
  /** The maximum number of rows. */
  readonly top: number;
  /** The interval of a hunt over time, in seconds. */
  readonly interval: number;
}

/** A recurring question on flow logs, in SQL on the table `vpc_flow_logs`. */
export interface Hunt {
  readonly name: string;
  /** The rows of the result. */
  readonly description: string;
  readonly parameters: readonly HuntParameter[];
  /** The number of days before the last one to read by default. */
  readonly days: number;
  /** The list of networks that the hunt uses. */
  readonly list?: HuntedList;
  /** Whether the hunt groups flows by intervals of time. */
  readonly isByTime?: boolean;
  readonly template: (question: Question) => string;
}

/** The variable parts of a hunt's statement. */
interface Question extends Dialect, HuntOptions {
  /** The condition that limits the days. */
  readonly day: string;
  readonly values: readonly string[];
}

const defaultOptions: HuntOptions = { top: 1000, interval: 3600 };

/**
 * Returns a hunt as one SQL statement.
 *
 * @param values an expression for each parameter of the hunt: a text in quotes, or `?`
 */
export function huntSql(
  hunt: Hunt,
  dialect: Dialect,
  values: readonly string[],
  options: Partial<HuntOptions> = {},
): string {
  const day = dialect.since(hunt.days);
  return hunt.template({ ...dialect, day, values, ...defaultOptions, ...options }).trim();
}

/** The endpoints that are counted: the original ones behind a NAT or transit gateway if the format has them. */
const src = 'coalesce(pkt_srcaddr, srcaddr)';
const dst = 'coalesce(pkt_dstaddr, dstaddr)';

const seen = 'from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen';

/** Usually the port of the service: clients have high ports. Both directions of a conversation are one row. */
const port = 'least(coalesce(srcport, dstport), coalesce(dstport, srcport)) AS port';

/** Flows of a transit gateway have no action, so every flow that was not rejected has passed. */
const passed = "sum(CASE WHEN action = 'REJECT' THEN 0 ELSE bytes END) AS total_bytes";

/** If no flow has an action, `count_if` is null in DuckDB and 0 in Trino. */
const rejects = "count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects";

/** Excludes duplicate observations and lines without traffic; includes all flows of a transit gateway. */
const traffic = '(counted OR (action IS NULL AND srcaddr IS NOT NULL))';

/**
 * The hunts, for Athena and DuckDB. `counted` excludes duplicate observations of a flow at its other endpoint. Keywords
 * are in capitals. The columns `start` and `end` are quoted, since both are SQL keywords. Integers are never divided: one
 * of the two dialects returns a fraction.
 */
export const hunts: readonly Hunt[] = [
  {
    name: 'suspicious-ranges',
    description: 'Rejected addresses of the suspicious ranges, with the number of their targets and ports.',
    parameters: [],
    days: 1,
    list: 'suspicious_ranges',
    template: ({ day, top, listTable, contains }) => `
WITH ${listTable('suspicious_ranges')}
SELECT ${src} AS src, network, count(*) AS rejects, count(DISTINCT ${dst}) AS targets, count(DISTINCT dstport) AS ports,
  ${seen}
FROM vpc_flow_logs
JOIN suspicious ON ${contains('network', src, 'suspicious_ranges')}
WHERE ${day} AND counted AND action = 'REJECT'
GROUP BY 1, 2
ORDER BY rejects DESC, src
LIMIT ${top}`,
  },
  {
    name: 'exfiltration',
    description: 'Pairs with more than 100 MB of accepted traffic on a day to a target outside the private networks.',
    parameters: [],
    days: 7,
    list: 'internal_networks',
    template: ({ day, top, listTable, contains }) => `
WITH ${listTable('internal_networks')}
SELECT day, ${src} AS src, ${dst} AS dst, sum(bytes) AS total_bytes, count(*) AS flows
FROM vpc_flow_logs
LEFT JOIN internal ON ${contains('network', dst, 'internal_networks')}
WHERE ${day} AND counted AND action = 'ACCEPT' AND network IS NULL
GROUP BY 1, 2, 3
HAVING sum(bytes) > 100000000
ORDER BY total_bytes DESC, day, src, dst
LIMIT ${top}`,
  },
  {
    name: 'lateral-movement',
    description: 'Conversations within the private networks by service: the basis for segmentation.',
    parameters: [],
    days: 1,
    list: 'internal_networks',
    template: ({ day, top, listTable, contains }) => `
WITH ${listTable('internal_networks')}
SELECT ${src} AS src, ${dst} AS dst, dstport, protocol, action, count(*) AS flows, sum(bytes) AS total_bytes
FROM vpc_flow_logs
JOIN internal AS src_network ON ${contains('src_network.network', src, 'internal_networks')}
JOIN internal AS dst_network ON ${contains('dst_network.network', dst, 'internal_networks')}
WHERE ${day} AND counted
GROUP BY 1, 2, 3, 4, 5
ORDER BY flows DESC, src, dst, dstport, protocol, action
LIMIT ${top}`,
  },
  {
    name: 'failures',
    description: 'Sources that were rejected at one port of one target at least 20 times.',
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
      'Clients that called a target outside the private networks 24 times or more at even intervals, with less than ' +
      '10 MB: beacons and similar traffic. A variation of 0 is a clock; calls of people have about 1 or more.',
    parameters: [],
    days: 7,
    list: 'internal_networks',
    template: ({ day, top, listTable, contains }) => `
WITH ${listTable('internal_networks')}, calls AS (
  SELECT ${src} AS src, ${dst} AS dst, dstport, "end" - "end" % 60 AS call_time, sum(bytes) AS call_bytes
  FROM vpc_flow_logs
  LEFT JOIN internal ON ${contains('network', dst, 'internal_networks')}
  WHERE ${day} AND counted AND action = 'ACCEPT' AND network IS NULL
    AND srcport >= 32768 AND dstport < 32768 AND dstport NOT IN (53, 123) AND pkt_dst_aws_service IS NULL
  GROUP BY 1, 2, 3, 4
), intervals AS (
  SELECT src, dst, dstport, call_time, call_bytes,
    call_time - lag(call_time) OVER (PARTITION BY src, dst, dstport ORDER BY call_time) AS waited
  FROM calls
)
SELECT src, dst, dstport, count(*) AS calls, round(avg(waited)) AS mean_interval,
  round(stddev_pop(waited) / avg(waited), 2) AS variation, sum(call_bytes) AS total_bytes,
  from_unixtime(min(call_time)) AS first_seen, from_unixtime(max(call_time)) AS last_seen
FROM intervals
GROUP BY 1, 2, 3
HAVING count(*) >= 24 AND sum(call_bytes) < 10000000 AND stddev_pop(waited) <= avg(waited) * 0.5
ORDER BY variation, calls DESC, src, dst, dstport
LIMIT ${top}`,
  },
  {
    name: 'rejected-against-accepted',
    description:
      'Ports where the security groups or network ACLs of an interface rejected some flows and accepted others. A flow ' +
      'log does not show which of the two rejected a flow.',
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
    description: 'The counters of pairs, computed again from the flows.',
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
    description: 'Peers of one host by direction and port, with accepted and rejected traffic.',
    parameters: [{ name: 'address', description: 'the address of the host' }],
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
    description: 'Traffic between two hosts in both directions, by port.',
    parameters: [
      { name: 'a', description: 'the address of one host' },
      { name: 'b', description: 'the address of the other host' },
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
    description: 'Flows, rejects, accepted bytes and hosts by interval: shows when an activity started and ended.',
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
    description: 'Hosts that sent the most bytes, with the number of their targets.',
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
