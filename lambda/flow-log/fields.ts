/**
 * The kind of a field's values: `int32` and `int64` are whole numbers from 0, `port` and `protocol` those of TCP/IP.
 * `seconds` is a Unix time; milliseconds occur and are accepted. `address` is an IPv4 or IPv6 address. An array lists
 * all valid values. `string` is any text without white space.
 */
export type FieldKind = 'int32' | 'int64' | 'port' | 'protocol' | 'seconds' | 'address' | 'string' | readonly string[];

/** The kind of a field that rules may use; `country` is a code of ISO 3166-1 alpha-2. See region-fields.ts. */
export type RuleFieldKind = FieldKind | 'country' | 'as-number';

/** A published field: its first flow log version, and the kind of its values. */
export interface Field {
  readonly since: number;
  readonly kind: FieldKind;
}

const string = (since: number): Field => ({ since, kind: 'string' });
const int64 = (since: number): Field => ({ since, kind: 'int64' });

const published: Record<string, Field> = {
  version: { since: 2, kind: 'int32' },
  'account-id': string(2),
  'interface-id': string(2),
  srcaddr: { since: 2, kind: 'address' },
  dstaddr: { since: 2, kind: 'address' },
  srcport: { since: 2, kind: 'port' },
  dstport: { since: 2, kind: 'port' },
  protocol: { since: 2, kind: 'protocol' },
  packets: int64(2),
  bytes: int64(2),
  start: { since: 2, kind: 'seconds' },
  end: { since: 2, kind: 'seconds' },
  action: { since: 2, kind: ['ACCEPT', 'REJECT'] },
  'log-status': { since: 2, kind: ['OK', 'NODATA', 'SKIPDATA'] },
  'vpc-id': string(3),
  'subnet-id': string(3),
  'instance-id': string(3),
  'tcp-flags': { since: 3, kind: 'int32' },
  type: string(3),
  'pkt-srcaddr': { since: 3, kind: 'address' },
  'pkt-dstaddr': { since: 3, kind: 'address' },
  region: string(4),
  'az-id': string(4),
  'sublocation-type': string(4),
  'sublocation-id': string(4),
  'pkt-src-aws-service': string(5),
  'pkt-dst-aws-service': string(5),
  'flow-direction': { since: 5, kind: ['ingress', 'egress'] },
  'traffic-path': { since: 5, kind: 'int32' },
  'resource-type': string(6),
  'tgw-id': string(6),
  'tgw-attachment-id': string(6),
  'tgw-src-vpc-account-id': string(6),
  'tgw-dst-vpc-account-id': string(6),
  'tgw-src-vpc-id': string(6),
  'tgw-dst-vpc-id': string(6),
  'tgw-src-subnet-id': string(6),
  'tgw-dst-subnet-id': string(6),
  'tgw-src-eni': string(6),
  'tgw-dst-eni': string(6),
  'tgw-src-az-id': string(6),
  'tgw-dst-az-id': string(6),
  'tgw-pair-attachment-id': string(6),
  'packets-lost-no-route': int64(6),
  'packets-lost-blackhole': int64(6),
  'packets-lost-mtu-exceeded': int64(6),
  'packets-lost-ttl-expired': int64(6),
  'ecs-cluster-arn': string(7),
  'ecs-cluster-name': string(7),
  'ecs-container-instance-arn': string(7),
  'ecs-container-instance-id': string(7),
  'ecs-container-id': string(7),
  'ecs-second-container-id': string(7),
  'ecs-service-name': string(7),
  'ecs-task-definition-arn': string(7),
  'ecs-task-arn': string(7),
  'ecs-task-id': string(7),
  'reject-reason': string(8),
  'resource-id': string(9),
  'encryption-status': { since: 10, kind: 'int32' },
  'instance-tag': string(11),
  'instance-tag-2': string(11),
  'interface-tag': string(11),
  'interface-tag-2': string(11),
  'asg-tag': string(11),
  'asg-tag-2': string(11),
  'interface-type': string(11),
  'next-hop-interface-id': string(11),
  'next-hop-subnet-id': string(11),
  'next-hop-az-id': string(11),
  'next-hop-vpc-id': string(11),
  'next-hop-interface-type': string(11),
};

/**
 * All published fields of VPC and transit gateway flow logs, versions 2 to 11, by AWS's name. Sources: VPC User Guide,
 * "Flow log records, available fields"; Transit Gateway guide, "Flow log records".
 */
export const fields: ReadonlyMap<string, Field> = new Map(Object.entries(published));

/** The text of any field whose value is not available (VPC User Guide, "Flow log records"). */
export const notAvailable = '-';

/** Returns whether the values of a kind are numbers. */
export function isNumeric(kind: RuleFieldKind): boolean {
  return typeof kind === 'string' && kind !== 'string' && kind !== 'address' && kind !== 'country';
}
