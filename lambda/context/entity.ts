import type { ContextEvent, NamedInterface } from './context-event.ts';
import type { Scene } from './scene.ts';

/**
 * What context events are stored by, and alerts look for: a partition key of the context table, such as `interface#eni-0a`.
 * An address is one of a VPC, since VPCs may have the same addresses.
 */
export type Entity =
  | `${'interface' | 'instance' | 'remote' | 'group' | 'acl' | 'routes' | 'subnet' | 'vpc'}#${string}`
  | `${'address' | 'account'}#${string}#${string}`;

/** The most entities of an event: a change of a group may concern many interfaces. */
const maxOfEvent = 100;

/** The most entities that are read for an alert. */
const maxOfScene = 16;

/** Returns what an event is stored by, each entity once. */
export function entitiesOfEvent(event: ContextEvent): Entity[] {
  const ofHosts = entitiesOfInterfaces(event.hosts);
  if (event.kind === 'finding') return distinct([...ofHosts, ...event.remotes.map(remote)]).slice(0, maxOfEvent);
  const { account, region, group, vpcs, subnets } = event;
  const isOfNoPlace = group === 'way out' && vpcs.length === 0 && subnets.length === 0;
  return distinct([
    // What is switched off concerns every alert of the account and Region.
    ...(group === 'eyes' || isOfNoPlace ? [accountEntity(account, region)] : []),
    ...event.groups.map((id): Entity => `group#${id}`),
    ...event.acls.map((id): Entity => `acl#${id}`),
    ...event.routeTables.map((id): Entity => `routes#${id}`),
    ...subnets.map((id): Entity => `subnet#${id}`),
    ...vpcs.map((id): Entity => `vpc#${id}`),
    ...ofHosts,
  ]).slice(0, maxOfEvent);
}

/** Returns what is read for an alert, the nearest to its hosts first. */
export function entitiesOfScene({
  interfaces,
  instances,
  subnets,
  vpcs,
  hosts,
  remotes,
  account,
  region,
}: Scene): Entity[] {
  const ofAddresses = hosts.flatMap(({ address }) => vpcs.map((vpc): Entity => addressEntity(vpc, address)));
  return distinct([
    ...interfaces.map((id): Entity => `interface#${id}`),
    ...instances.map((id): Entity => `instance#${id}`),
    ...(account === undefined || region === undefined ? [] : [accountEntity(account, region)]),
    ...ofAddresses.slice(0, 4),
    ...subnets.map((id): Entity => `subnet#${id}`),
    ...vpcs.map((id): Entity => `vpc#${id}`),
    ...remotes.slice(0, 2).map(remote),
  ]).slice(0, maxOfScene);
}

/** Returns what a sent alert is stored by: an event of its hosts, their subnets or the outside addresses finds it. */
export function entitiesOfAlert({ account: _, ...scene }: Scene): Entity[] {
  return entitiesOfScene(scene).filter((entity) => !entity.startsWith('vpc#'));
}

/**
 * Returns an event as one of its entities stores it: of a change that concerns many interfaces, only those of the entity. All
 * interfaces at each of them would be a hundred times the data.
 */
export function eventAt<T extends ContextEvent>(entity: Entity, event: T): T {
  if (event.kind === 'finding' || event.hosts.length <= 1) return event;
  const own = event.hosts.filter((host) => entitiesOfInterfaces([host]).includes(entity));
  return { ...event, hosts: own };
}

/** Returns the interfaces of all hosts before their instances and addresses: each flow log has interfaces. */
function entitiesOfInterfaces(hosts: readonly NamedInterface[]): Entity[] {
  return [
    ...hosts.flatMap(({ interface: id }) => (id === undefined ? [] : [`interface#${id}` as const])),
    ...hosts.flatMap(({ instance }) => (instance === undefined ? [] : [`instance#${instance}` as const])),
    ...hosts.flatMap(({ vpc, addresses }) =>
      vpc === undefined ? [] : addresses.map((address) => addressEntity(vpc, address)),
    ),
  ];
}

function addressEntity(vpc: string, address: string): Entity {
  return `address#${vpc}#${address}`;
}

function accountEntity(account: string, region: string): Entity {
  return `account#${account}#${region}`;
}

function remote(address: string): Entity {
  return `remote#${address}`;
}

function distinct(entities: readonly Entity[]): Entity[] {
  return [...new Set(entities)];
}
