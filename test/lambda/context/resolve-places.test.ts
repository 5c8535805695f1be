import { describe, expect, it } from 'vitest';
import { hasPlaces, resolvePlaces } from '../../../lambda/context/resolve-places.ts';
import { changeWith } from '../../support/around-events.ts';
import { described } from '../../support/describe-answers.ts';

const change = changeWith({ hosts: [], groups: [] });

/** Describes nothing, unless an answer is given; records what is asked for. */
function describing(answers: { interfaces?: unknown; acls?: unknown; routeTables?: unknown } = {}) {
  const asked: unknown[] = [];
  const call = (name: 'interfaces' | 'acls' | 'routeTables') => async (ids: readonly string[]) => {
    asked.push([name, ids]);
    return answers[name];
  };
  return { asked, interfacesOf: call('interfaces'), acls: call('acls'), routeTables: call('routeTables') };
}

describe('resolvePlaces', () => {
  it('adds the interfaces that have a changed group', async () => {
    const one = described({
      NetworkInterfaceId: 'eni-0b',
      Attachment: { InstanceId: 'i-0b' },
      Ipv6Addresses: [{ Ipv6Address: '2001:DB8::5' }],
    });
    const ec2 = describing({ interfaces: { NetworkInterfaces: [one] } });
    const { hosts } = await resolvePlaces({ ...change, groups: ['sg-0a'] }, ec2);
    expect(ec2.asked).toEqual([['interfaces', ['sg-0a']]]);
    expect(hosts).toEqual([
      {
        ...{ interface: 'eni-0b', instance: 'i-0b', vpc: 'vpc-0a', subnet: 'subnet-0a' },
        ...{ addresses: ['10.0.1.5', '2001:db8::5'], groups: ['sg-0a'] },
      },
    ]);
  });

  it('adds the subnets of a network ACL, and not its VPC, whose other subnets it does not concern', async () => {
    const Associations = [{ SubnetId: 'subnet-0a' }, { SubnetId: 'subnet-0b' }];
    const ec2 = describing({ acls: { NetworkAcls: [{ NetworkAclId: 'acl-0a', VpcId: 'vpc-0a', Associations }] } });
    const resolved = await resolvePlaces({ ...change, acls: ['acl-0a'] }, ec2);
    expect(resolved).toMatchObject({ subnets: ['subnet-0a', 'subnet-0b'], vpcs: [] });
  });

  it('adds the subnets of a route table, and the VPC of a main one', async () => {
    const tables = [
      { RouteTableId: 'rtb-0a', VpcId: 'vpc-0a', Associations: [{ Main: false, SubnetId: 'subnet-0a' }] },
      { RouteTableId: 'rtb-0b', VpcId: 'vpc-0b', Associations: [{ Main: true }] },
    ];
    const ec2 = describing({ routeTables: { RouteTables: tables } });
    const resolved = await resolvePlaces({ ...change, routeTables: ['rtb-0a', 'rtb-0b'] }, ec2);
    expect(resolved).toMatchObject({ subnets: ['subnet-0a'], vpcs: ['vpc-0b'] });
  });

  it.each([
    undefined,
    null,
    'no',
    {},
    { NetworkInterfaces: [null, 7, { NetworkInterfaceId: 7 }], NetworkAcls: 'x', RouteTables: [{ Associations: 7 }] },
  ])('leaves the change as it is when the answers are %j', async (answer) => {
    const all = { ...change, groups: ['sg-0a'], acls: ['acl-0a'], routeTables: ['rtb-0a'] };
    const ec2 = describing({ interfaces: answer, acls: answer, routeTables: answer });
    expect(await resolvePlaces(all, ec2)).toEqual(all);
  });

  it('asks for nothing that the change does not name', async () => {
    const ec2 = describing();
    expect(hasPlaces(change)).toBe(false);
    expect(await resolvePlaces(change, ec2)).toEqual(change);
    expect(ec2.asked).toEqual([]);
  });
});
