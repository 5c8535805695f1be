/**
 * Expressions on the flows of `vpc_flow_logs`, valid in Trino and in DuckDB. The columns `start` and `end` are quoted,
 * since both are SQL keywords.
 */

/** The endpoints that are counted: the original ones behind a NAT or transit gateway if the format has them. */
export const src = 'coalesce(pkt_srcaddr, srcaddr)';
export const dst = 'coalesce(pkt_dstaddr, dstaddr)';

export const seen = 'from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen';

/** Usually the port of the service: clients have high ports. Both directions of a conversation are one row. */
export const port = 'least(coalesce(srcport, dstport), coalesce(dstport, srcport)) AS port';

/** Flows of a transit gateway have no action, so every flow that was not rejected has passed. */
export const passed = "sum(CASE WHEN action = 'REJECT' THEN 0 ELSE bytes END) AS total_bytes";

/** If no flow has an action, `count_if` is null in DuckDB and 0 in Trino. */
export const rejects = "count(CASE WHEN action = 'REJECT' THEN 1 END) AS rejects";

/** From the port of a service to that of a client, which a client of most systems chooses above 32768. */
export const reply = 'coalesce(srcport < 32768 AND dstport > srcport, FALSE)';

/** The first ten of the distinct values of an expression, in their order, in one text. */
export function firstTen(expression: string): string {
  return `array_join(slice(array_sort(array_agg(DISTINCT ${expression})), 1, 10), ', ')`;
}
