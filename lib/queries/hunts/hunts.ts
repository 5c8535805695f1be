import { dst, passed, port, rejects, seen, src } from './flow-expressions.ts';
import { flowsOnce } from './flows-once.ts';
import type { Hunt } from './hunt.ts';
import { longConnections } from './long-connections.ts';
import { newTargets } from './new-targets.ts';
import { scans } from './scans.ts';

const asked = 'SELECT host FROM asked';
const askedPair = 'SELECT a FROM asked UNION ALL SELECT b FROM asked';

/**
 * The hunts, for Athena and DuckDB. `counted` excludes duplicate observations of a flow at its other endpoint, and
 * flows-once.ts those at a NAT gateway. Keywords are in capitals. Integers are never divided: one of the two dialects
 * returns a fraction.
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
WITH ${listTable('internal_networks')}, ${flowsOnce(day, "action = 'ACCEPT'")}
SELECT day, src, dst, sum(bytes) AS total_bytes, count(*) AS flows, max(also_seen_at) AS also_seen_at
FROM flows
LEFT JOIN internal ON ${contains('network', 'dst', 'internal_networks')}
WHERE network IS NULL
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
WITH ${listTable('internal_networks')}, ${flowsOnce(day, "action = 'ACCEPT'")}, calls AS (
  SELECT src, dst, dstport, "end" - "end" % 60 AS call_time, sum(bytes) AS call_bytes,
    max(also_seen_at) AS also_seen_at
  FROM flows
  LEFT JOIN internal ON ${contains('network', 'dst', 'internal_networks')}
  WHERE network IS NULL
    AND srcport >= 32768 AND dstport < 32768 AND dstport NOT IN (53, 123) AND pkt_dst_aws_service IS NULL
  GROUP BY 1, 2, 3, 4
), intervals AS (
  SELECT src, dst, dstport, call_time, call_bytes, also_seen_at,
    call_time - lag(call_time) OVER (PARTITION BY src, dst, dstport ORDER BY call_time) AS waited
  FROM calls
)
SELECT src, dst, dstport, count(*) AS calls, round(avg(waited)) AS mean_interval,
  round(stddev_pop(waited) / avg(waited), 2) AS variation, sum(call_bytes) AS total_bytes,
  from_unixtime(min(call_time)) AS first_seen, from_unixtime(max(call_time)) AS last_seen,
  max(also_seen_at) AS also_seen_at
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
), ${flowsOnce(day, `(${src} IN (${asked}) OR ${dst} IN (${asked}))`, asked)}
SELECT CASE WHEN src = host THEN 'to' ELSE 'from' END AS direction,
  CASE WHEN src = host THEN dst ELSE src END AS peer, ${port}, protocol,
  count(*) AS flows, ${rejects}, ${passed},
  sum(CASE WHEN action = 'REJECT' THEN bytes ELSE 0 END) AS rejected_bytes, ${seen}, max(also_seen_at) AS also_seen_at
FROM flows
JOIN asked ON host IN (src, dst)
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
), ${flowsOnce(day, `(${src} IN (${askedPair}) AND ${dst} IN (${askedPair}))`, askedPair)}
SELECT src, dst, ${port}, protocol,
  count(*) AS flows, ${rejects}, ${passed}, sum(packets) AS packets, ${seen}, max(also_seen_at) AS also_seen_at
FROM flows
JOIN asked ON (src = a AND dst = b) OR (src = b AND dst = a)
GROUP BY 1, 2, 3, 4
ORDER BY total_bytes DESC, rejects DESC, src, port, protocol
LIMIT ${top}`,
  },
  {
    name: 'timeline',
    description: 'Flows, rejects, accepted bytes and hosts by interval: shows when an activity started and ended.',
    parameters: [],
    days: 7,
    option: 'interval',
    template: ({ day, top, interval }) => `
WITH ${flowsOnce(day)}
SELECT from_unixtime("end" - "end" % ${interval}) AS interval_start, count(*) AS flows, ${rejects},
  ${passed}, count(DISTINCT src) AS sources, count(DISTINCT dst) AS targets
FROM flows
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
WITH ${flowsOnce(day)}
SELECT src, ${passed}, count(*) AS flows, ${rejects}, count(DISTINCT dst) AS targets, ${seen}
FROM flows
GROUP BY 1
ORDER BY total_bytes DESC, src
LIMIT ${top}`,
  },
  scans,
  newTargets,
  longConnections,
];
