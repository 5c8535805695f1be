import { firstTen, reply } from './flow-expressions.ts';
import { flowsOnce } from './flows-once.ts';
import type { Hunt } from './hunt.ts';

/** Outside targets that no inside host asked before the recent flows. */
export const newTargets: Hunt = {
  name: 'new-targets',
  description:
    'Targets outside the private networks that inside hosts reached in the last day and no inside host reached in the ' +
    'days before. AWS services are left out.',
  parameters: [],
  days: 7,
  list: 'internal_networks',
  option: 'since',
  template: ({ day, top, listTable, contains, recent }) => `
WITH ${listTable('internal_networks')}, ${flowsOnce(day, "action = 'ACCEPT'")}, asked AS (
  SELECT src, dst, CASE WHEN ${recent()} THEN 1 ELSE 0 END AS is_recent, count(*) AS flows, sum(bytes) AS total_bytes,
    ${firstTen('dstport')} AS dstports, min("start") AS first_start, max("end") AS "end",
    max(also_seen_at) AS also_seen_at
  FROM flows
  WHERE NOT ${reply} AND pkt_dst_aws_service IS NULL
  GROUP BY 1, 2, 3
), known AS (
  SELECT DISTINCT dst AS known_dst
  FROM asked
  JOIN internal ON ${contains('network', 'src', 'internal_networks')}
  WHERE is_recent = 0
), history AS (
  SELECT count(DISTINCT day) AS days_before
  FROM flows
  WHERE NOT ${recent()}
)
SELECT src, dst, dstports, flows, total_bytes, from_unixtime(first_start) AS first_seen,
  from_unixtime("end") AS last_seen, days_before, also_seen_at
FROM asked
JOIN internal AS src_network ON ${contains('src_network.network', 'src', 'internal_networks')}
LEFT JOIN internal AS dst_network ON ${contains('dst_network.network', 'dst', 'internal_networks')}
LEFT JOIN known ON known_dst = dst
CROSS JOIN history
WHERE is_recent = 1 AND dst_network.network IS NULL AND known_dst IS NULL
ORDER BY total_bytes DESC, src, dst
LIMIT ${top}`,
};
