import { defined } from '../common/defined.ts';
import { tagText } from '../common/tag-text.ts';
import { endpointValue, loggingEndpoint } from '../flow-log/endpoints.ts';
import { type Flow, fieldOf } from '../flow-log/flow.ts';
import { type KnownAddress, namesIn } from '../names/known-interface.ts';

/** The key of the tag in each tag field. */
export type TagKeys = ReadonlyMap<string, string>;

/**
 * Returns who has addresses by the tags in flows. The tags are those of the interface that logged the flow, so they name
 * the endpoint of that interface only. Several flows may have the same address, with different names.
 */
export function taggedAddresses(tagKeys: TagKeys, flows: readonly Flow[]): KnownAddress[] {
  return flows.flatMap((flow) => taggedAddress(tagKeys, flow) ?? []);
}

/** Returns whether two flows name the same interface in the same way. */
export function hasSameNames(one: KnownAddress, other: KnownAddress): boolean {
  return one.interface === other.interface && one.name === other.name && one.owner === other.owner;
}

function taggedAddress(tagKeys: TagKeys, flow: Flow): KnownAddress | undefined {
  const end = loggingEndpoint(flow);
  const id = fieldOf(flow, 'interface-id');
  const address = end && endpointValue(flow, `${end}addr`);
  if (id === undefined || address === undefined) return undefined;
  const tags = [...tagKeys].flatMap(([field, key]): [key: string, value: string][] => {
    const value = fieldOf(flow, field);
    // The instances of a group have its tags, but not its name.
    return value === undefined || (field.startsWith('asg') && key === 'Name') ? [] : [[key, tagText(value)]];
  });
  const names = namesIn(tags);
  if (Object.keys(names).length === 0) return undefined;
  const instance = fieldOf(flow, 'instance-id');
  return {
    interface: id,
    kind: instance === undefined ? 'network interface' : 'instance',
    ...defined({
      id: instance,
      ...names,
      account: fieldOf(flow, 'account-id'),
      vpc: fieldOf(flow, 'vpc-id'),
      subnet: fieldOf(flow, 'subnet-id'),
    }),
    groups: [],
    address,
    isShared: false,
    isByTags: true,
  };
}
