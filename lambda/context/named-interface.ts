import { defined } from '../common/defined.ts';
import type { Json } from '../common/json-value.ts';
import { addressOf, awsMember, distinct, elementsOf, idOf, nameTagOf } from './aws-json.ts';
import type { NamedInterface } from './context-event.ts';

/** An interface has at most 50 private and 50 IPv6 addresses (EC2 User Guide, "IP addresses per network interface"). */
export const maxAddresses = 100;

/** An interface has at most 16 security groups (VPC User Guide, "Amazon VPC quotas"). */
export const maxGroups = 16;

/**
 * Reads a network interface, or an instance, of a finding or of an answer in CloudTrail. Leaves out what has another form.
 *
 * @param instance the instance of the interface; without it, as the interface says
 * @param name the value of the tag `Name` of the instance
 */
export function readInterface(described: Json, instance?: string, name?: string): NamedInterface {
  const member = (...path: string[]) => awsMember(described, ...path);
  const lists: readonly (readonly [list: string, address: string])[] = [
    ['privateIpAddresses', 'privateIpAddress'],
    ['privateIpAddressesSet', 'privateIpAddress'],
    ['ipv6Addresses', 'ipv6Address'],
    ['ipv6AddressesSet', 'ipv6Address'],
  ];
  const listed = lists.flatMap(([list, address]) =>
    elementsOf(member(list))
      .slice(0, maxAddresses)
      .map((element) => addressOf(awsMember(element, address) ?? element)),
  );
  const groups = [...elementsOf(member('securityGroups')), ...elementsOf(member('groupSet'))].slice(0, maxGroups);
  return defined({
    instance: instance ?? idOf(member('attachment', 'instanceId') ?? member('instanceId'), 'i', 'mi'),
    interface: idOf(member('networkInterfaceId'), 'eni'),
    vpc: idOf(member('vpcId'), 'vpc'),
    subnet: idOf(member('subnetId'), 'subnet'),
    addresses: distinct([addressOf(member('privateIpAddress')), ...listed], maxAddresses),
    groups: distinct(
      groups.map((group) => idOf(awsMember(group, 'groupId') ?? group, 'sg')),
      maxGroups,
    ),
    name: name ?? nameTagOf(member('tagSet')),
  });
}

/** Returns whether an interface has an id or an address to find it by. */
export function isFindable(host: NamedInterface): boolean {
  return host.instance !== undefined || host.interface !== undefined || host.addresses.length > 0;
}
