import { firstTen, reply } from './flow-expressions.ts';
import { flowsOnce } from './flows-once.ts';
import type { Hunt } from './hunt.ts';

/** The number of ports or hosts from which the rules vertical_scan and horizontal_sweep alert in an hour. */
const minTried = 25;

/**
 * A flow that opens a conversation: for TCP, SYN without ACK. Without flags, any flow that is not a reply. `%` instead of a
 * bitwise function, whose names differ.
 */
const opening = `CASE WHEN protocol = 6 AND tcp_flags IS NOT NULL THEN tcp_flags % 4 >= 2 AND tcp_flags % 32 < 16
    ELSE NOT ${reply} END`;

/** At most seven SYNs of 80 bytes each, as in the rules. UDP says as little in a conversation. */
const silent = 'bytes <= 560 AND protocol IN (1, 6, 58)';

/** Sources that tried many ports of a host, or many hosts at a port: rejected, or without saying anything. */
export const scans: Hunt = {
  name: 'scans',
  description:
    `Sources that tried ${minTried} ports of a host (vertical) or ${minTried} hosts at a port (horizontal), rejected or ` +
    'without sending data. got_in: where a scan was followed by data.',
  parameters: [],
  days: 1,
  list: 'internal_networks',
  template: ({ day, top, listTable, contains }) => `
WITH ${listTable('internal_networks')}, ${flowsOnce(day)}, probes AS (
  SELECT src, dst, dstport, protocol, count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects,
    max(CASE WHEN action = 'REJECT' THEN 0 ELSE 1 END) AS passed, min("start") AS first_start, max("end") AS last_end,
    max(also_seen_at) AS also_seen_at
  FROM flows
  WHERE (action = 'REJECT' OR (${silent})) AND ${opening}
  GROUP BY 1, 2, 3, 4
), scanned_hosts AS (
  SELECT src AS host_src, dst AS host
  FROM probes
  GROUP BY 1, 2
  HAVING count(DISTINCT dstport) >= ${minTried}
), scanned_ports AS (
  SELECT src AS port_src, dstport AS port, protocol AS port_protocol
  FROM probes
  GROUP BY 1, 2, 3
  HAVING count(*) >= ${minTried}
), scans AS (
  SELECT src, count(host) AS vertical, count(port) AS horizontal, count(DISTINCT dst) AS hosts,
    count(DISTINCT dstport) AS ports, sum(rejects) AS rejects, sum(passed) AS let_through,
    ${firstTen('dstport')} AS first_ports,
    ${firstTen('protocol')} AS protocols, min(first_start) AS first_start, max(last_end) AS "end",
    max(also_seen_at) AS also_seen_at
  FROM probes
  LEFT JOIN scanned_hosts ON host_src = src AND host = dst
  LEFT JOIN scanned_ports ON port_src = src AND port = dstport AND port_protocol = protocol
  WHERE host IS NOT NULL OR port IS NOT NULL
  GROUP BY 1
), conversations AS (
  SELECT src, dst, dstport, protocol, min("start") AS begun
  FROM flows
  WHERE action = 'ACCEPT' AND bytes > 560 AND NOT ${reply}
  GROUP BY 1, 2, 3, 4
), entries AS (
  SELECT conversations.src AS entry_src, count(DISTINCT dst) AS hosts_entered,
    ${firstTen("concat(dst, ' ', CAST(dstport AS varchar))")} AS got_in
  FROM conversations
  JOIN scans ON scans.src = conversations.src AND first_start <= begun
  LEFT JOIN scanned_hosts ON host_src = conversations.src AND host = dst
  LEFT JOIN scanned_ports ON port_src = conversations.src AND port = dstport AND port_protocol = protocol
  WHERE host IS NOT NULL OR port IS NOT NULL
  GROUP BY 1
)
SELECT src, CASE WHEN network IS NULL THEN 'outside' ELSE 'inside' END AS origin,
  CASE WHEN vertical = 0 THEN 'horizontal' WHEN horizontal = 0 THEN 'vertical' ELSE 'both' END AS kind, hosts, ports,
  rejects, let_through, coalesce(hosts_entered, 0) AS hosts_entered, got_in, first_ports, protocols,
  from_unixtime(first_start) AS first_seen, from_unixtime("end") AS last_seen, also_seen_at
FROM scans
LEFT JOIN entries ON entry_src = src
LEFT JOIN internal ON ${contains('network', 'src', 'internal_networks')}
ORDER BY origin, hosts * ports DESC, hosts_entered DESC, rejects DESC, src
LIMIT ${top}`,
};
