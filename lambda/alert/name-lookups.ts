import { evidenceOf } from '../aggregate/evidence.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { NameSource } from '../names/known-interface.ts';
import { isInterfaceId, isVpcId, type NameKey, nameKeyText } from '../names/name-key.ts';
import { canonicalAddress, isInAnyNetwork, type Network } from '../networks/ip-address.ts';
import { severityRank } from '../rules/level.ts';

/**
 * The port to names that another function looks up. Neither method rejects or waits for long: an alert without names is
 * better than a late one.
 */
export interface NameLookups {
  /** Reads the names of keys; undefined if they cannot be read. */
  read(keys: readonly NameKey[], signal: AbortSignal): Promise<ReadNames | undefined>;
}

/** The names that were read. */
export interface ReadNames {
  readonly names: NameSource;
  /** Asks for those that are missing or old. */
  ask(): Promise<void>;
}

/** What this module uses of the alert ports. */
interface Ports {
  readonly names?: NameSource | undefined;
  readonly nameLookups?: NameLookups | undefined;
  readonly deadline: AbortSignal;
}

/**
 * Sends the alerts of findings with the names of their addresses, and then asks for those that are missing. Without
 * findings, or without a table of names, it reads nothing.
 *
 * @param send writes and publishes the alerts; its failure is that of this function
 */
export async function withNames<T>(
  findings: readonly Finding[],
  insideNetworks: readonly Network[],
  { names, nameLookups, deadline }: Ports,
  send: (names: NameSource | undefined) => Promise<T>,
): Promise<T> {
  const keys = nameLookups ? neededNames(findings, insideNetworks) : [];
  if (!nameLookups || keys.length === 0) return send(names);
  const read = await nameLookups.read(keys, deadline);
  const sent = await send(read?.names ?? names);
  await read?.ask();
  return sent;
}

/** The most keys that a batch reads: the most of one BatchGetItem (DynamoDB API Reference). */
const maxKeys = 100;

/** The most findings whose flows are examined for keys. A storm has thousands, in a few digests. */
const maxFindings = 100;

/**
 * Returns the keys of the names that alerts may have, of the most severe findings first: the interfaces that logged the
 * flows, and the addresses inside your networks. Outside addresses have no key: anybody can send them.
 */
export function neededNames(findings: readonly Finding[], insideNetworks: readonly Network[]): NameKey[] {
  const needed = new Map<string, NameKey>();
  const bySeverity = findings.toSorted((a, b) => severityRank(a.rule.level) - severityRank(b.rule.level));
  for (const finding of bySeverity.slice(0, maxFindings)) {
    for (const key of keysOf(finding, insideNetworks)) {
      if (needed.size < maxKeys) needed.set(nameKeyText(key), key);
    }
    if (needed.size === maxKeys) break;
  }
  return [...needed.values()];
}

function keysOf({ rule, delta }: Finding, insideNetworks: readonly Network[]): NameKey[] {
  const { values } = evidenceOf(rule, delta.evidence) ?? { values: new Map<string, readonly string[]>() };
  const key = keyOf(rule, delta);
  const valuesOf = (field: string) => [...(key[field] === undefined ? [] : [key[field]]), ...(values.get(field) ?? [])];
  const interfaces = valuesOf('interface-id').filter(isInterfaceId);
  const vpcs = valuesOf('vpc-id').filter(isVpcId);
  const candidates = [...Object.values(key), ...(values.get('srcaddr') ?? []), ...(values.get('dstaddr') ?? [])];
  const addresses = candidates.filter(
    (text) => canonicalAddress(text) === text && isInAnyNetwork(text, insideNetworks),
  );
  const places = vpcs.length > 0 ? vpcs : interfaces;
  return [
    ...interfaces.map((id) => ({ interface: id })),
    ...addresses.flatMap((address) => places.map((place) => ({ address, place }))),
  ];
}
