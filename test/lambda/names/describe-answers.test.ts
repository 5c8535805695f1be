import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddresses, readInstances } from '../../../lambda/names/describe-answers.ts';
import { canonicalAddress } from '../../../lambda/networks/ip-address.ts';
import { described } from '../../support/describe-answers.ts';

const noInstances = new Map();

/** Reads the only address of an interface. */
function addressOf(values: Record<string, unknown>, instances = readInstances({})) {
  const [known, ...others] = readAddresses({ NetworkInterfaces: [described(values)] }, instances, 1_795_510_800);
  expect(others).toEqual([]);
  return known!;
}

describe('readAddresses', () => {
  it('names an instance by its tags when the interface is attached to the instance', () => {
    const instances = readInstances({
      Reservations: [
        {
          Instances: [
            {
              InstanceId: 'i-0a',
              Tags: [
                { Key: 'Name', Value: 'web-1' },
                { Key: 'TEAM', Value: 'shop' },
              ],
            },
          ],
        },
      ],
    });
    const attachment = { InstanceId: 'i-0a', AttachTime: '2026-10-05T09:30:00+02:00' };
    expect(addressOf({ Attachment: attachment }, instances)).toEqual({
      interface: 'eni-0a',
      kind: 'instance',
      id: 'i-0a',
      name: 'web-1',
      owner: 'shop',
      account: '123456789012',
      vpc: 'vpc-0a',
      subnet: 'subnet-0a',
      zone: 'eu-central-1a',
      groups: ['web'],
      since: 1_791_185_400,
      time: 1_795_510_800,
      address: '10.0.1.5',
      isShared: false,
    });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['ELB app/shop/50dc6c495c0c9188', {}, { kind: 'load balancer', name: 'shop' }],
    [
      'ELB net/shop/50dc6c495c0c9188',
      { InterfaceType: 'network_load_balancer' },
      { kind: 'load balancer', name: 'shop' },
    ],
    ['ELB old-one', {}, { kind: 'load balancer', name: 'old-one' }],
    ['Interface for NAT Gateway nat-0a1b', { InterfaceType: 'nat_gateway' }, { kind: 'NAT gateway', id: 'nat-0a1b' }],
    ['VPC Endpoint Interface vpce-0a1b', { InterfaceType: 'vpc_endpoint' }, { kind: 'VPC endpoint', id: 'vpce-0a1b' }],
    [
      'Network Interface for Transit Gateway Attachment tgw-attach-0a1b',
      { InterfaceType: 'transit_gateway' },
      { kind: 'transit gateway attachment', id: 'tgw-attach-0a1b' },
    ],
    [
      'AWS Lambda VPC ENI-import-orders-8c7ac78b-e11d-4dea-8a47-ab2bd0c4e1f2',
      { InterfaceType: 'lambda' },
      { kind: 'Lambda function', name: 'import-orders', isShared: true },
    ],
    ['AWS Lambda VPC ENI: 26578289-8b35-4f36-a046-ceda51a45800', {}, { kind: 'Lambda function', isShared: true }],
    ['arn:aws:ecs:us-east-1:123456789012:attachment/c8773f8d', {}, { kind: 'ECS task' }],
    ['RDSNetworkInterface', {}, { kind: 'RDS database' }],
    ['EFS mount target for fs-0a1b (fsmt-0c)', { InterfaceType: 'efs' }, { kind: 'EFS file system', id: 'fs-0a1b' }],
    ['AWS created network interface for directory d-90677cc91c', {}, { kind: 'directory', id: 'd-90677cc91c' }],
    ['aws-k8s-branch-eni', { InterfaceType: 'branch' }, { kind: 'pod' }],
    ['arn:aws:ecs:us-east-1:123456789012:attachment/c8773f8d', { InterfaceType: 'branch' }, { kind: 'ECS task' }],
    ['', { InterfaceType: 'constructor' }, { kind: 'network interface' }],
    ['', { InterfaceType: '__proto__' }, { kind: 'network interface' }],
    ['', { InterfaceType: 'nat_gateway' }, { kind: 'NAT gateway' }],
    ['anything', {}, { kind: 'network interface' }],
  ])('tells what is behind an interface when its description is %j', (Description, more, expected) => {
    expect(addressOf({ Description, RequesterManaged: true, ...more })).toMatchObject(expected);
  });

  it.each(['2026-10-05T99:99:99Z', '2026-13-05T00:00:00Z', 'yesterday', 7, null])(
    'has no time of attachment when the time is %j',
    (AttachTime) => {
      expect(addressOf({ Attachment: { InstanceId: 'i-0a', AttachTime } })).not.toHaveProperty('since');
    },
  );

  it('does not believe the description when nobody but a user made the interface', () => {
    expect(addressOf({ Description: 'ELB app/shop/50dc6c495c0c9188', RequesterManaged: false }).kind).toBe(
      'network interface',
    );
  });

  it('says that an address is shared when it is a further address of a Kubernetes node', () => {
    const instances = readInstances({
      Reservations: [{ Instances: [{ InstanceId: 'i-0a', Tags: [{ Key: 'eks:cluster-name', Value: 'prod' }] }] }],
    });
    const values = {
      Attachment: { InstanceId: 'i-0a' },
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.1.5', Primary: true },
        { PrivateIpAddress: '10.0.1.77', Primary: false },
      ],
    };
    const known = readAddresses({ NetworkInterfaces: [described(values)] }, instances, undefined);
    expect(known.map(({ address, isShared }) => [address, isShared])).toEqual([
      ['10.0.1.5', false],
      ['10.0.1.77', true],
    ]);
    const ofOther = readAddresses({ NetworkInterfaces: [described(values)] }, noInstances, undefined);
    expect(ofOther.map(({ isShared }) => isShared)).toEqual([false, false]);
  });

  it('reads public and IPv6 addresses, in their canonical spelling, each once', () => {
    const known = readAddresses(
      {
        NetworkInterfaces: [
          described({
            Association: { PublicIp: '198.51.100.4' },
            PrivateIpAddresses: [
              { PrivateIpAddress: '10.0.1.5', Primary: true, Association: { PublicIp: '198.51.100.4' } },
            ],
            Ipv6Addresses: [{ Ipv6Address: '2001:DB8:0:0::5' }, { Ipv6Address: 'no address' }],
          }),
        ],
      },
      noInstances,
      undefined,
    );
    expect(known.map(({ address }) => address)).toEqual(['10.0.1.5', '198.51.100.4', '2001:db8::5']);
  });

  it('never throws, and gives canonical addresses only, when an answer has any form', () => {
    const member = fc.constantFrom(
      'NetworkInterfaces',
      'Reservations',
      'Instances',
      'InstanceId',
      'Tags',
      'TagSet',
      'Key',
      'Value',
      'NetworkInterfaceId',
      'PrivateIpAddress',
      'PrivateIpAddresses',
      'Ipv6Addresses',
      'Ipv6Address',
      'Attachment',
      'AttachTime',
      'Description',
      'InterfaceType',
      'Groups',
      'GroupName',
      '__proto__',
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(null, true, 7, '', '10.0.1.5', '::1', '9999-99-99T99:99:99Z', 'ELB app/a/b', 'Name'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(member, tie('any'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(any, any, (one, other) => {
        for (const { address } of readAddresses(one, readInstances(other), undefined)) {
          expect(canonicalAddress(address)).toBe(address);
        }
      }),
    );
  });
});

const samples = join(
  import.meta.dirname,
  '../../../../shared/samples/context/config/DescribeNetworkInterfaces.json.gz',
);

describe.skipIf(!existsSync(samples))('public samples of answers (../shared is absent if skipped)', () => {
  it('reads an address of each interface that has one, and what is behind it', () => {
    const all = JSON.parse(gunzipSync(readFileSync(samples)).toString()) as {
      data: { NetworkInterfaces?: object[] };
    }[];
    const kinds = new Set<string>();
    for (const { data } of all) {
      const known = readAddresses(data, noInstances, undefined);
      const withAddress = data.NetworkInterfaces?.filter(
        (one) => 'PrivateIpAddress' in one || 'PrivateIpAddresses' in one,
      );
      expect(new Set(known.map((one) => one.interface)).size).toBe(withAddress?.length ?? 0);
      for (const { kind } of known) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual([
      'ECS task',
      'EFS file system',
      'Lambda function',
      'NAT gateway',
      'RDS database',
      'VPC endpoint',
      'directory',
      'instance',
      'load balancer',
      'network interface',
      'pod',
      'transit gateway attachment',
    ]);
  });
});
