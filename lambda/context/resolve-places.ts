import { type Json, memberOf } from '../common/json-value.ts';
import { awsMember, distinct, elementsOf, idOf } from './aws-json.ts';
import type { NamedInterface, NetworkChange } from './context-event.ts';
import { hostList } from './finding-lists.ts';
import { maxGroups, readInterface } from './named-interface.ts';

/**
 * The calls of EC2 that say what a change concerns, one attempt each. An answer has the form of the AWS CLI, and is undefined
 * if EC2 gave none.
 */
export interface DescribePlaces {
  /** The first 100 interfaces that have one of the groups. */
  interfacesOf(groups: readonly string[]): Promise<Json>;
  acls(ids: readonly string[]): Promise<Json>;
  routeTables(ids: readonly string[]): Promise<Json>;
}

/** The most ids of a change that are asked for. */
const maxIds = 20;

/** The most subnets of a change that are kept; a VPC has 200 (VPC User Guide, "Amazon VPC quotas"). */
const maxSubnets = 50;

/**
 * Adds what a change of groups, network ACLs or route tables concerns: the interfaces with a group, the subnets of an ACL, and
 * the subnets of a route table, or the VPC of a main one. A change of a group names no host, and the first alert of a host does
 * not know its groups yet. What EC2 does not answer is left out.
 */
export async function resolvePlaces(change: NetworkChange, describe: DescribePlaces): Promise<NetworkChange> {
  const { groups, acls, routeTables } = change;
  const asked = async (ids: readonly string[], call: (ids: readonly string[]) => Promise<Json>) =>
    ids.length === 0 ? {} : call(ids.slice(0, maxIds));
  const [ofGroups, ofAcls, ofTables] = await Promise.all([
    asked(groups, describe.interfacesOf),
    asked(acls, describe.acls),
    asked(routeTables, describe.routeTables),
  ]);
  const places = [...placesOf(ofAcls, 'NetworkAcls'), ...placesOf(ofTables, 'RouteTables')];
  const hosts = elementsOf(memberOf(ofGroups, 'NetworkInterfaces')).flatMap(readDescribed);
  return {
    ...change,
    hosts: hosts.length > 0 ? hostList([...change.hosts, ...hosts]) : change.hosts,
    subnets: distinct([...change.subnets, ...places.flatMap(({ subnets }) => subnets)], maxSubnets),
    vpcs: distinct([...change.vpcs, ...places.map(({ vpc }) => vpc)], maxIds),
  };
}

/** Returns whether EC2 can say more of a change than it names itself. */
export function hasPlaces({ groups, acls, routeTables }: NetworkChange): boolean {
  return groups.length + acls.length + routeTables.length > 0;
}

function readDescribed(described: Json): NamedInterface[] {
  const one = readInterface(described);
  const groups = elementsOf(memberOf(described, 'Groups')).map((group) => idOf(memberOf(group, 'GroupId'), 'sg'));
  return one.interface === undefined ? [] : [{ ...one, groups: distinct(groups, maxGroups) }];
}

/** Returns the subnets of each ACL or route table, and the VPC of a main route table: subnets without a table use it. */
function placesOf(answer: Json, list: 'NetworkAcls' | 'RouteTables'): { subnets: string[]; vpc: string | undefined }[] {
  return elementsOf(memberOf(answer, list)).map((described) => {
    const associations = elementsOf(memberOf(described, 'Associations'));
    const isMain = associations.some((one) => awsMember(one, 'Main') === true);
    return {
      subnets: associations.flatMap((one) => idOf(memberOf(one, 'SubnetId'), 'subnet') ?? []),
      vpc: isMain ? idOf(memberOf(described, 'VpcId'), 'vpc') : undefined,
    };
  });
}
