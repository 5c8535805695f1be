import { defined } from '../common/defined.ts';
import type { Json } from '../common/json-value.ts';
import { type ApiCall, idsOf } from './api-call.ts';
import { awsMember, elementsOf, idOf, nameTagOf } from './aws-json.ts';
import type { NamedInterface } from './context-event.ts';
import { isFindable, readInterface } from './named-interface.ts';

/** RunInstances may start 1,000 instances, but EventBridge delivers no event over 256 KB: about 100 of them. */
const maxHosts = 200;

/** Returns the interfaces and instances that a call names: those that it describes, else those with an id in the request. */
export function readCallHosts(call: ApiCall): NamedInterface[] {
  const { event, request, response } = call;
  const described = [
    ...elementsOf(awsMember(response, 'instancesSet')).flatMap(interfacesOf),
    ...elementsOf(awsMember(response, 'networkInterface')).map((one) => readInterface(one)),
  ].filter(isFindable);
  if (described.length > 0) return described.slice(0, maxHosts);

  const one = readInterface(request);
  const added = elementsOf(awsMember(response, 'assignedPrivateIpAddressesSet', 'assignedPrivateIpAddressSetType'));
  if (one.instance !== undefined || one.interface !== undefined) {
    // The addresses of the request are those that it takes away.
    if (event.startsWith('Unassign')) return [{ ...one, addresses: [] }];
    const { addresses } = readInterface({ privateIpAddresses: added });
    return [{ ...one, addresses: [...new Set([...one.addresses, ...addresses])] }];
  }
  const none = { addresses: [], groups: [] };
  const names = ['instanceId', 'instanceIds', 'target', 'networkInterfaceId', 'resourceId'];
  return [
    ...idsOf(call, names, 'i', 'mi').map((instance) => ({ instance, ...none })),
    ...idsOf(call, names, 'eni').map((id) => ({ interface: id, ...none })),
  ];
}

/** Returns the interfaces of a described instance; an instance without any as one host. */
function interfacesOf(instance: Json): NamedInterface[] {
  const id = idOf(awsMember(instance, 'instanceId'), 'i');
  const name = nameTagOf(awsMember(instance, 'tagSet'));
  const interfaces = elementsOf(awsMember(instance, 'networkInterfaceSet'))
    .map((described) => readInterface(described, id, name))
    .filter((one) => one.interface !== undefined);
  return interfaces.length > 0 ? interfaces : [defined(readInterface(instance, id, name))];
}
