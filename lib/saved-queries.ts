/** A query that waits in Athena's console, under its name. */
export interface SavedQuery {
  readonly name: string;
  /** When it is asked, and what its rows are. */
  readonly description: string;
  readonly sql: string;
}

/** Where the query starts to read: a day in UTC, as many days before today. */
const since = (days: number) => `day >= CAST(current_date - INTERVAL '${days}' DAY AS varchar)`;

/** The ends that are counted: those behind a NAT gateway or a transit gateway, where the format has them. */
const src = 'coalesce(pkt_srcaddr, srcaddr)';
const dst = 'coalesce(pkt_dstaddr, dstaddr)';

/**
 * What one hunts for in the lake, each as a query for Athena (engine version 3) on the tables of lib/flow-catalog.ts.
 * `counted` leaves out what is logged a second time at the other end. SQL's words are in capitals, names are not;
 * `start` and `end` are words of SQL too, and so those columns stand in quotes.
 */
export const savedQueries: readonly SavedQuery[] = [
  {
    name: 'blocked-from-suspicious-ranges',
    description:
      'Who of the suspicious ranges was rejected since yesterday, and at how many targets and ports. Put your ranges ' +
      'in place of the documentation networks.',
    sql: `
WITH suspicious (network) AS (
  VALUES ('192.0.2.0/24'), ('198.51.100.0/24'), ('203.0.113.0/24')
)
SELECT ${src} AS src, network, count(*) AS rejects, count(DISTINCT ${dst}) AS targets, count(DISTINCT dstport) AS ports,
  from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen
FROM vpc_flow_logs
JOIN suspicious ON contains(network, TRY_CAST(${src} AS ipaddress))
WHERE ${since(1)} AND counted AND action = 'REJECT'
GROUP BY 1, 2
ORDER BY rejects DESC
LIMIT 1000`,
  },
  {
    name: 'pairs-over-100-mb',
    description: 'Pairs with more than 100 MB of accepted traffic on a day, of the last seven days.',
    sql: `
SELECT day, ${src} AS src, ${dst} AS dst, sum(bytes) AS total_bytes, count(*) AS flows
FROM vpc_flow_logs
WHERE ${since(7)} AND counted AND action = 'ACCEPT'
GROUP BY 1, 2, 3
HAVING sum(bytes) > 100000000
ORDER BY total_bytes DESC
LIMIT 1000`,
  },
  {
    name: 'traffic-inside-the-vpc',
    description: 'Who spoke to whom within the private networks since yesterday, by service: what a segment is cut by.',
    sql: `
WITH internal (network) AS (
  VALUES ('10.0.0.0/8'), ('172.16.0.0/12'), ('192.168.0.0/16'), ('100.64.0.0/10'), ('fc00::/7')
)
SELECT ${src} AS src, ${dst} AS dst, dstport, protocol, action, count(*) AS flows, sum(bytes) AS total_bytes
FROM vpc_flow_logs
JOIN internal AS src_network ON contains(src_network.network, TRY_CAST(${src} AS ipaddress))
JOIN internal AS dst_network ON contains(dst_network.network, TRY_CAST(${dst} AS ipaddress))
WHERE ${since(1)} AND counted
GROUP BY 1, 2, 3, 4, 5
ORDER BY flows DESC
LIMIT 1000`,
  },
  {
    name: 'repeated-failures',
    description: 'Who was rejected at the same port of the same target 20 times and more since yesterday.',
    sql: `
SELECT ${src} AS src, ${dst} AS dst, dstport, protocol, count(*) AS rejects,
  from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen
FROM vpc_flow_logs
WHERE ${since(1)} AND counted AND action = 'REJECT'
GROUP BY 1, 2, 3, 4
HAVING count(*) >= 20
ORDER BY rejects DESC
LIMIT 1000`,
  },
  {
    name: 'long-lived-low-volume-pairs',
    description:
      'Pairs that were active in 24 different hours and more of the last seven days, with less than 10 MB: beacons, and ' +
      'what looks like them.',
    sql: `
SELECT ${src} AS src, ${dst} AS dst, dstport, count(DISTINCT "end" / 3600) AS active_hours, sum(bytes) AS total_bytes,
  from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen
FROM vpc_flow_logs
WHERE ${since(7)} AND counted AND action = 'ACCEPT'
GROUP BY 1, 2, 3
HAVING count(DISTINCT "end" / 3600) >= 24 AND sum(bytes) < 10000000
ORDER BY active_hours DESC, total_bytes
LIMIT 1000`,
  },
  {
    name: 'rejected-against-accepted',
    description:
      'Where the security groups or network ACLs of an interface rejected a part of what came to one port since ' +
      'yesterday, and accepted the rest. A flow log does not say which of the two it was.',
    sql: `
SELECT interface_id, ${dst} AS dst, dstport, protocol,
  count_if(action = 'REJECT') AS rejected, count_if(action = 'ACCEPT') AS accepted,
  count(DISTINCT CASE WHEN action = 'REJECT' THEN ${src} END) AS rejected_sources,
  count(DISTINCT CASE WHEN action = 'ACCEPT' THEN ${src} END) AS accepted_sources
FROM vpc_flow_logs
WHERE ${since(1)} AND action IN ('ACCEPT', 'REJECT') AND reject_reason IS NULL
GROUP BY 1, 2, 3, 4
HAVING count_if(action = 'REJECT') > 0 AND count_if(action = 'ACCEPT') > 0
ORDER BY rejected DESC
LIMIT 1000`,
  },
  {
    name: 'counters-of-pairs',
    description: 'What the counters of pairs say, made again from the flows that arrived since yesterday.',
    sql: `
SELECT ${src} AS src, ${dst} AS dst,
  sum(CASE WHEN action = 'ACCEPT' THEN bytes ELSE 0 END) AS total_bytes, count_if(action = 'REJECT') AS rejects
FROM vpc_flow_logs
WHERE ${since(1)} AND counted
GROUP BY 1, 2
ORDER BY total_bytes DESC
LIMIT 1000`,
  },
  {
    name: 'records-that-failed',
    description:
      'Records of the last seven days that could not be decoded, or whose batch was given up, with their text. For what ' +
      'failed later, name another kind: the folders of errors/ in the bucket.',
    sql: `
WITH failed AS (
  SELECT arrivaltimestamp, attemptsmade, errorcode, errormessage, from_base64(rawdata) AS payload
  FROM firehose_errors
  WHERE kind = 'processing-failed' AND ${since(7)}
)
SELECT from_unixtime(arrivaltimestamp / 1000) AS arrived, attemptsmade, errorcode, errormessage,
  CASE WHEN to_hex(substr(payload, 1, 2)) = '1F8B' THEN concat('gzip of ', CAST(length(payload) AS varchar), ' bytes')
    ELSE from_utf8(payload) END AS content
FROM failed
ORDER BY arrivaltimestamp DESC
LIMIT 1000`,
  },
].map(({ sql, ...query }) => ({ ...query, sql: sql.trim() }));
