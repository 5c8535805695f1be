import { describe, expect, it } from 'vitest';
import { type FieldKind, fields, isNumeric } from '../../../lambda/flow-log/fields.ts';

/** The fields of each version (VPC User Guide, "Available fields"; Transit Gateway guide, "Flow log records"). */
const byVersion: Record<number, string> = {
  2: `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status`,
  3: 'vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr',
  4: 'region az-id sublocation-type sublocation-id',
  5: 'pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path',
  6: `resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id
    tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id
    tgw-pair-attachment-id packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded
    packets-lost-ttl-expired`,
  7: `ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id
    ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id`,
  8: 'reject-reason',
  9: 'resource-id',
  10: 'encryption-status',
  11: `instance-tag instance-tag-2 interface-tag interface-tag-2 asg-tag asg-tag-2 interface-type
    next-hop-interface-id next-hop-subnet-id next-hop-az-id next-hop-vpc-id next-hop-interface-type`,
};

/** The fields whose values are other than any text, by kind. */
const byKind: readonly (readonly [FieldKind, string])[] = [
  ['int32', 'version tcp-flags traffic-path encryption-status'],
  [
    'int64',
    'packets bytes packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired',
  ],
  ['port', 'srcport dstport'],
  ['protocol', 'protocol'],
  ['seconds', 'start end'],
  ['address', 'srcaddr dstaddr pkt-srcaddr pkt-dstaddr'],
  [['ACCEPT', 'REJECT'], 'action'],
  [['OK', 'NODATA', 'SKIPDATA'], 'log-status'],
  [['ingress', 'egress'], 'flow-direction'],
];

describe('fields', () => {
  it('have the versions that AWS published them in', () => {
    const expected = Object.entries(byVersion).flatMap(([version, names]) =>
      names.split(/\s+/).map((name) => [name, Number(version)]),
    );
    expect([...fields].map(([name, { since }]) => [name, since])).toEqual(expected);
  });

  it('have the kinds of their values, and any text otherwise', () => {
    const typed = new Map(byKind.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])));
    for (const [name, { kind }] of fields) expect([name, kind]).toEqual([name, typed.get(name) ?? 'string']);
  });

  it.each([
    ['int64', true],
    ['port', true],
    ['seconds', true],
    ['address', false],
    ['string', false],
    [['ACCEPT', 'REJECT'], false],
  ] as const)('are numbers in the lake when the kind is %j: %j', (kind, expected) => {
    expect(isNumeric(kind)).toBe(expected);
  });
});
