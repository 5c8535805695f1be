import { dst, src } from './flow-expressions.ts';

/** The interface that logged a flow; of a regional NAT gateway, the gateway (VPC User Guide, "resource-id"). */
const observer = 'coalesce(interface_id, resource_id)';

/** A gateway's record of another host's flow: the address of the packet is not that of the gateway. */
const forwarded = 'pkt_srcaddr <> srcaddr OR pkt_dstaddr <> dstaddr';

/**
 * The rank of a record among those of its pair, of which only the lowest stays. 0 is the host's own record.
 * 1 is a counted record of a further address of an interface. 2 is a record at the other end, which is left out.
 */
const rank = `CASE WHEN ${forwarded} THEN CASE WHEN counted THEN 1 ELSE 2 END ELSE 0 END`;

/**
 * Returns the parts of `WITH` that end in the table `flows`: the counted flows, and those of a transit gateway, each one
 * once, also if a NAT gateway on its way logs it as well.
 *
 * A NAT gateway logs a flow of a host twice: between host and gateway with the endpoints of the packet, then between
 * gateway and target. The first record names the gateway, its address and the target, which identifies the second. Both
 * are left out if the host's own interface logged the pair, and `also_seen_at` names the gateway: see decision 31.
 *
 * @param day the condition that limits the days
 * @param condition a condition on the flows, in columns of `vpc_flow_logs`
 * @param asked a query of the addresses whose own flows stay, also if they are gateways (default: none)
 */
export function flowsOnce(day: string, condition = 'TRUE', asked?: string): string {
  const isLeg = `${day} AND pkt_dstaddr <> dstaddr${asked === undefined ? '' : ` AND dstaddr NOT IN (${asked})`}`;
  return `gateways AS (
  SELECT ${observer} AS gateway, dstaddr AS near, pkt_dstaddr AS far
  FROM vpc_flow_logs
  WHERE ${isLeg}
  UNION
  SELECT ${observer} AS gateway, pkt_dstaddr AS near, dstaddr AS far
  FROM vpc_flow_logs
  WHERE ${isLeg}
), observed AS (
  SELECT ${src} AS src, ${dst} AS dst, srcport, dstport, protocol, tcp_flags, action, packets, bytes, "start", "end", day,
    pkt_dst_aws_service, ${observer} AS observer, ${rank} AS record_rank
  FROM vpc_flow_logs
  LEFT JOIN gateways ON gateway = ${observer} AND near = srcaddr AND far = dstaddr
  WHERE ${day} AND (counted OR ${forwarded} OR (action IS NULL AND srcaddr IS NOT NULL)) AND ${condition}
    AND gateway IS NULL
), pairs AS (
  SELECT src AS pair_src, dst AS pair_dst, min(record_rank) AS kept,
    max(CASE WHEN record_rank > 0 THEN observer END) AS forwarder
  FROM observed
  GROUP BY 1, 2
), flows AS (
  SELECT observed.*, CASE WHEN kept = 0 THEN forwarder END AS also_seen_at
  FROM observed
  JOIN pairs ON pair_src = src AND pair_dst = dst AND kept = record_rank
)`;
}
