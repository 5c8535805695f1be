import { dst, firstTen, src } from '../../../lib/queries/hunts/flow-expressions.ts';
import { flowsOnce } from '../../../lib/queries/hunts/flows-once.ts';
import type { Dialect } from '../../../lib/queries/hunts/sql-dialect.ts';
import { sqlText } from '../load/sql-text.ts';

/** The addresses that a finding names. Each list has at least one. */
export interface AskedAddresses {
  readonly hosts: readonly string[];
  readonly remotes: readonly string[];
}

/** The number of rows of a question about further addresses. */
const maxRows = 10;

const hostsAsked = 'SELECT host FROM hosts';
const remotesAsked = 'SELECT remote FROM remotes';

const isPassed = "(action IS NULL OR action <> 'REJECT')";
const times = 'min(coalesce("start", "end")) AS first_start, max(coalesce("end", "start")) AS "end"';

/** The traffic between each host and each remote address of a finding, in both directions: one row for each pair. */
export function findingPairs({ hosts, remotes }: AskedAddresses, { since }: Dialect): string {
  const between = `((${src} IN (${hostsAsked}) AND ${dst} IN (${remotesAsked})) OR (${src} IN (${remotesAsked}) AND ${dst} IN (${hostsAsked})))`;
  return `
WITH ${list('hosts (host)', hosts)}, ${list('remotes (remote)', remotes)}, ${flowsOnce(since(7), between, `${hostsAsked} UNION ALL ${remotesAsked}`)}
SELECT host, remote, sum(CASE WHEN src = host AND ${isPassed} THEN bytes ELSE 0 END) AS bytes_out,
  sum(CASE WHEN src = remote AND ${isPassed} THEN bytes ELSE 0 END) AS bytes_in,
  count(CASE WHEN src = host AND ${isPassed} THEN 1 END) AS records_out,
  count(CASE WHEN src = remote AND ${isPassed} THEN 1 END) AS records_in,
  count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects,
  ${firstTen('least(coalesce(srcport, dstport), coalesce(dstport, srcport))')} AS ports, ${times},
  max(also_seen_at) AS also_seen_at
FROM flows
JOIN hosts ON host IN (src, dst)
JOIN remotes ON remote IN (src, dst) AND remote <> host
GROUP BY 1, 2
ORDER BY bytes_out DESC, bytes_in DESC, rejects DESC, host, remote`.trim();
}

/**
 * The addresses outside the private networks to which the hosts of a finding sent data in a time: the ten with the most
 * bytes, each with the sums of all. An address is new if no accepted flow with it began before the time.
 *
 * @param from epoch seconds, without itself
 * @param to epoch seconds
 */
export function outsideTargets(
  hosts: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
  { since, listTable, contains }: Dialect,
): string {
  const isSent = `src IN (${hostsAsked}) AND "end" > ${from} AND "end" <= ${to}`;
  return `
WITH ${listTable('internal_networks')}, ${list('hosts (host)', hosts)}, ${flowsOnce(since(7), `(${src} IN (${hostsAsked}) OR ${dst} IN (${hostsAsked}))`, hostsAsked)}, peers AS (
  SELECT CASE WHEN src IN (${hostsAsked}) THEN dst ELSE src END AS peer,
    sum(CASE WHEN ${isSent} THEN bytes ELSE 0 END) AS sent_bytes, count(CASE WHEN ${isSent} THEN 1 END) AS records,
    ${times}
  FROM flows
  WHERE ${isPassed}
  GROUP BY 1
), targets AS (
  SELECT peer, sent_bytes, records, CASE WHEN first_start > ${from} THEN 1 ELSE 0 END AS is_new
  FROM peers
  LEFT JOIN internal ON ${contains('network', 'peer', 'internal_networks')}
  WHERE network IS NULL AND records > 0 AND peer NOT IN (${hostsAsked})
)
SELECT peer, sent_bytes, records, is_new, count(*) OVER () AS targets, sum(sent_bytes) OVER () AS all_bytes,
  sum(is_new) OVER () AS new_targets, sum(is_new * sent_bytes) OVER () AS new_bytes
FROM targets
ORDER BY sent_bytes DESC, peer
LIMIT ${maxRows}`.trim();
}

/** The other hosts in the private networks that have flows with the remote addresses of a finding: the ten with the most bytes. */
export function otherHosts({ hosts, remotes }: AskedAddresses, { since, listTable, contains }: Dialect): string {
  return `
WITH ${listTable('internal_networks')}, ${list('hosts (host)', hosts)}, ${list('remotes (remote)', remotes)}, ${flowsOnce(since(7), `(${src} IN (${remotesAsked}) OR ${dst} IN (${remotesAsked}))`, remotesAsked)}, peers AS (
  SELECT CASE WHEN src IN (${remotesAsked}) THEN dst ELSE src END AS peer,
    sum(CASE WHEN dst IN (${remotesAsked}) AND ${isPassed} THEN bytes ELSE 0 END) AS bytes_out,
    sum(CASE WHEN src IN (${remotesAsked}) AND ${isPassed} THEN bytes ELSE 0 END) AS bytes_in,
    count(CASE WHEN ${isPassed} THEN 1 END) AS records, count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects,
    ${times}
  FROM flows
  GROUP BY 1
)
SELECT peer AS host, bytes_out, bytes_in, records, rejects, "end" AS last_end, count(*) OVER () AS hosts
FROM peers
JOIN internal ON ${contains('network', 'peer', 'internal_networks')}
WHERE peer NOT IN (${hostsAsked}) AND peer NOT IN (${remotesAsked})
ORDER BY bytes_out + bytes_in DESC, rejects DESC, host
LIMIT ${maxRows}`.trim();
}

function list(name: string, values: readonly string[]): string {
  return `${name} AS (
  VALUES ${values.map((value) => `(${sqlText(value)})`).join(', ')}
)`;
}
