import type { NamedInterface } from './context-event.ts';
import { maxAddresses, maxGroups } from './named-interface.ts';

/** The most outside addresses, and the most ports of one end, that a finding keeps. */
const maxListed = 20;

/** The most interfaces that a finding keeps: an attack sequence names up to 100 signals with their resources. */
export const maxHosts = 200;

/** An outside address of a finding, and `updated` of the latest state of the finding that has it. */
export type Remote = readonly [address: string, updated: number];

/** Returns the latest 20 outside addresses, the latest first, each once. The order of the input does not matter. */
export function latestRemotes(remotes: readonly Remote[]): Remote[] {
  const latest = new Map<string, number>();
  for (const [address, updated] of remotes) latest.set(address, Math.max(updated, latest.get(address) ?? updated));
  return [...latest].sort(([a, first], [b, second]) => second - first || compareText(a, b)).slice(0, maxListed);
}

/** Returns the lowest 20 ports in ascending order, each once. */
export function portList(ports: Iterable<number>): number[] {
  return [...new Set(ports)].sort((a, b) => a - b).slice(0, maxListed);
}

/** Returns interfaces in a fixed order, each once, at most 200. Joins the addresses and groups of the same interface. */
export function hostList(hosts: readonly NamedInterface[]): NamedInterface[] {
  const joined = new Map<string, NamedInterface>();
  for (const one of hosts) {
    const host = joinHosts(one, one);
    const key = keyOf(host);
    const known = joined.get(key);
    joined.set(key, known ? joinHosts(known, host) : host);
  }
  return [...joined]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, host]) => host)
    .slice(0, maxHosts);
}

/** An interface is the same by its id; without one, an instance; without both, an address in a VPC. */
function keyOf({ interface: id, instance, vpc = '', addresses }: NamedInterface): string {
  return id ?? instance ?? `${addresses[0]} ${vpc}`;
}

/** Where two states differ in one value, the order of their delivery must not decide: the first in the alphabet counts. */
function joinHosts(a: NamedInterface, b: NamedInterface): NamedInterface {
  const text = (name: 'instance' | 'interface' | 'vpc' | 'subnet' | 'name') => {
    const [value] = [a[name], b[name]].filter((one) => one !== undefined).sort(compareText);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    ...text('instance'),
    ...text('interface'),
    ...text('vpc'),
    ...text('subnet'),
    ...text('name'),
    addresses: sorted([...a.addresses, ...b.addresses], maxAddresses),
    groups: sorted([...a.groups, ...b.groups], maxGroups),
  };
}

function sorted(values: readonly string[], limit: number): string[] {
  return [...new Set(values)].sort(compareText).slice(0, limit);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
