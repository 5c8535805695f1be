import { type TagFields, tagKeysByField } from './tag-fields.ts';

/**
 * The fields of the flow logs that the stack creates, in the order of a line (VPC User Guide, "Flow log records,
 * available fields"). Besides all fields of version 2, the default format, these are:
 *
 * - `flow-direction`, to count a flow once that is logged at both interfaces;
 * - `pkt-srcaddr` and `pkt-dstaddr`, the endpoints of a flow behind a NAT gateway or a transit gateway;
 * - `tcp-flags`, `reject-reason` and `traffic-path`, for rules;
 * - the place of the observation and the AWS services at the endpoints, for the reader of an alert.
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

/** The fields in AWS's syntax, for the flow logs and for the function's settings. */
export const logFormat = formatTextOf(logFields);

/** Returns the fields of the stack's flow logs with the setting `tagFields`: the fields of the tags come before the last. */
export function logFieldsWith(tagFields: TagFields): string[] {
  return [...logFields.slice(0, -1), ...tagKeysByField(tagFields).keys(), ...logFields.slice(-1)];
}

/** Returns the same fields in AWS's syntax. */
export function logFormatWith(tagFields: TagFields): string {
  return formatTextOf(logFieldsWith(tagFields));
}

function formatTextOf(fields: readonly string[]): string {
  return fields.map((field) => `\${${field}}`).join(' ');
}

/**
 * The fields of the transit gateway flow logs that the stack creates: all published fields, in the order of the default
 * format (Transit Gateway guide, "Transit Gateway Flow Log records"). There is no `action`, since a transit gateway
 * rejects no traffic; the `packets-lost-` fields count packets that it could not forward.
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

/** The transit gateway fields in AWS's syntax. */
export const transitGatewayLogFormat = formatTextOf(transitGatewayLogFields);
