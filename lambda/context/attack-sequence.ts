import type { Json } from '../common/json-value.ts';
import { isPublic } from '../geo/public-address.ts';
import { addressGroups } from '../networks/ip-address.ts';
import { addressOf, awsMember, distinct, idOf } from './aws-json.ts';
import type { NamedInterface } from './context-event.ts';

/** The most values that a walk looks at, and the most ids and addresses that it keeps. */
const maxVisited = 20_000;
const maxKept = 200;

/**
 * Finds the hosts and the outside addresses of an attack sequence (GuardDuty API, "Sequence"). AWS documents its members,
 * but no public sample shows where each is. So the ids of instances and interfaces, and the addresses, count anywhere
 * under `resource` and `service.detection`. An address is the host's if it is private or in a description of resources;
 * a public IPv4 address of a resource is left out, as in other findings.
 */
export function readAttackSequence(detail: Json): { hosts: NamedInterface[]; remotes: string[] } {
  const found = textsIn([awsMember(detail, 'resource'), awsMember(detail, 'service', 'detection')]);
  const ids = found.map(({ text }) => text.slice(text.lastIndexOf('/') + 1));
  const instances = ids.map((id) => idOf(id, 'i'));
  const interfaces = ids.map((id) => idOf(id, 'eni'));
  const addresses = found.flatMap(({ text, isOfResource }) => {
    const address = addressOf(text);
    return address === undefined ? [] : [{ address, isOfResource, isOutside: isOutside(address) }];
  });
  const own = addresses.filter(
    ({ address, isOfResource, isOutside }) => !isOutside || (isOfResource && address.includes(':')),
  );
  const remotes = addresses.filter(({ isOfResource, isOutside }) => isOutside && !isOfResource);
  const host = { addresses: [], groups: [] };
  return {
    hosts: [
      ...distinct(instances, maxKept).map((instance) => ({ ...host, instance })),
      ...distinct(interfaces, maxKept).map((id) => ({ ...host, interface: id })),
      ...distinct(textsOf(own), maxKept).map((address) => ({ ...host, addresses: [address] })),
    ].slice(0, maxKept),
    remotes: distinct(textsOf(remotes), maxKept),
  };
}

function textsOf(found: readonly { readonly address: string }[]): string[] {
  return found.map(({ address }) => address);
}

interface Text {
  readonly text: string;
  readonly isOfResource: boolean;
}

/** Returns the texts in values, those of the outer levels first: a loop, since a hostile value may be deep. */
function textsIn(roots: readonly [resource: Json, detection: Json]): Text[] {
  const queue = [
    { value: roots[0], isOfResource: true },
    { value: roots[1], isOfResource: false },
  ];
  const texts: Text[] = [];
  for (const { value, isOfResource } of queue) {
    if (typeof value === 'string') texts.push({ text: value, isOfResource });
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (queue.length >= maxVisited) break;
      queue.push({ value: inner, isOfResource: isOfResource || /^resources?$/i.test(name) });
    }
  }
  return texts;
}

/** Returns whether a canonical address is one of the internet. */
function isOutside(address: string): boolean {
  const [high = 0, low = 0, ...rest] = addressGroups(address) ?? [];
  return isPublic((high * 65_536 + low) >>> 0, rest.length === 0);
}
