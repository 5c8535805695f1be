/**
 * The fields of our own flow logs, in the order of a line: all of version 2 (the default format) between `version` and
 * `log-status`, and with them
 *
 * - `flow-direction`, by which a flow that is logged at both its ends is counted once;
 * - `pkt-srcaddr` and `pkt-dstaddr`, the true ends of a flow behind a NAT gateway or a transit gateway;
 * - `tcp-flags`, `reject-reason` and `traffic-path`, which rules may ask for;
 * - where the flow was seen, and the AWS services at its ends: what a reader of an alert wants to know next.
 *
 * What each holds: VPC User Guide, "Flow log records, available fields".
 */
export const logFields = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'flow-direction',
  'tcp-flags',
  'pkt-srcaddr',
  'pkt-dstaddr',
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
  'traffic-path',
  'reject-reason',
  'instance-id',
  'subnet-id',
  'vpc-id',
  'az-id',
  'region',
  'log-status',
] as const;

/** The format as AWS writes it: what the flow logs are set up with, and what the function is told of them. */
export const logFormat = logFields.map((field) => `\${${field}}`).join(' ');

/**
 * The fields of our own flow logs of transit gateways: all that AWS publishes for them, in the order of their default
 * format (Transit Gateway guide, "Transit Gateway Flow Log records"). They have no `action`, since a gateway refuses
 * nothing: what it could not forward is in the `packets-lost-` fields.
 */
export const transitGatewayLogFields = [
  'version',
  'resource-type',
  'account-id',
  'tgw-id',
  'tgw-attachment-id',
  'tgw-src-vpc-account-id',
  'tgw-dst-vpc-account-id',
  'tgw-src-vpc-id',
  'tgw-dst-vpc-id',
  'tgw-src-subnet-id',
  'tgw-dst-subnet-id',
  'tgw-src-eni',
  'tgw-dst-eni',
  'tgw-src-az-id',
  'tgw-dst-az-id',
  'tgw-pair-attachment-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'log-status',
  'type',
  'packets-lost-no-route',
  'packets-lost-blackhole',
  'packets-lost-mtu-exceeded',
  'packets-lost-ttl-expired',
  'tcp-flags',
  'region',
  'flow-direction',
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
] as const;

export const transitGatewayLogFormat = transitGatewayLogFields.map((field) => `\${${field}}`).join(' ');
