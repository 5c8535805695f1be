import { flowsOnce } from './flows-once.ts';
import type { Hunt } from './hunt.ts';

/** Connections that last as long are shown, in seconds. */
const minSeconds = 3600;

/** The side with the higher port is the client, in both directions of a connection. */
const fromClient =
  '(coalesce(srcport, 0) > coalesce(dstport, 0) OR (coalesce(srcport, 0) = coalesce(dstport, 0) AND src < dst))';

/** A client that opens a connection: SYN without ACK. It ends an earlier connection between the same ports. */
const opening = `protocol = 6 AND ${fromClient} AND tcp_flags % 4 >= 2 AND tcp_flags % 32 < 16`;

const tuple = 'client, client_port, server, server_port, protocol';

/** Connections with an end outside, joined across the aggregation intervals of their flows. */
export const longConnections: Hunt = {
  name: 'long-connections',
  description:
    'Connections of an hour or more with an end outside the private networks, joined from the flows of their intervals. ' +
    'src is the side with the higher port, usually the client.',
  parameters: [],
  days: 7,
  list: 'internal_networks',
  option: 'gap',
  template: ({ day, top, gap, listTable, contains }) => `
WITH ${listTable('internal_networks')}, ${flowsOnce(day, "action = 'ACCEPT' AND protocol NOT IN (1, 58)")}, sides AS (
  SELECT CASE WHEN ${fromClient} THEN src ELSE dst END AS client,
    CASE WHEN ${fromClient} THEN srcport ELSE dstport END AS client_port,
    CASE WHEN ${fromClient} THEN dst ELSE src END AS server,
    CASE WHEN ${fromClient} THEN dstport ELSE srcport END AS server_port,
    CASE WHEN ${fromClient} THEN bytes ELSE 0 END AS sent, CASE WHEN ${fromClient} THEN 0 ELSE bytes END AS received,
    CASE WHEN ${opening} THEN 1 ELSE 0 END AS opens, protocol, "start", "end", also_seen_at
  FROM flows
), candidates AS (
  SELECT ${tuple}, max("end") AS "end"
  FROM sides
  GROUP BY 1, 2, 3, 4, 5
  HAVING max("end") - min("start") >= ${minSeconds}
), outside AS (
  SELECT client AS a, client_port AS a_port, server AS b, server_port AS b_port, protocol AS ab_protocol
  FROM candidates
  LEFT JOIN internal AS client_network ON ${contains('client_network.network', 'client', 'internal_networks')}
  LEFT JOIN internal AS server_network ON ${contains('server_network.network', 'server', 'internal_networks')}
  WHERE client_network.network IS NULL OR server_network.network IS NULL
), steps AS (
  SELECT ${tuple}, sent, received, "start", "end", opens, also_seen_at,
    "start" - max("end") OVER (PARTITION BY ${tuple} ORDER BY "start", opens DESC, "end"
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS waited
  FROM sides
  JOIN outside ON a = client AND a_port = client_port AND b = server AND b_port = server_port AND ab_protocol = protocol
), connections AS (
  SELECT ${tuple}, sent, received, "start", "end", also_seen_at,
    CASE WHEN opens = 1 OR waited > ${gap} THEN 0 ELSE waited END AS pause,
    sum(CASE WHEN opens = 1 OR waited > ${gap} THEN 1 ELSE 0 END) OVER (PARTITION BY ${tuple}
      ORDER BY "start", opens DESC, "end" ROWS UNBOUNDED PRECEDING) AS connection
  FROM steps
)
SELECT client AS src, client_port AS srcport, server AS dst, server_port AS dstport, protocol,
  max("end") - min("start") AS seconds, count(*) AS flows, sum(sent) AS sent_bytes, sum(received) AS received_bytes,
  greatest(max(pause), 0) AS longest_pause, from_unixtime(min("start")) AS first_seen,
  from_unixtime(max("end")) AS last_seen, max(also_seen_at) AS also_seen_at
FROM connections
GROUP BY 1, 2, 3, 4, 5, connection
HAVING max("end") - min("start") >= ${minSeconds}
ORDER BY seconds DESC, src, srcport, dst, dstport, protocol, first_seen
LIMIT ${top}`,
};
