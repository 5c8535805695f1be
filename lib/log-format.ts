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
