import { defined } from '../common/defined.ts';
import type { Json } from '../common/json-value.ts';
import { protocolName } from '../flow-log/service-names.ts';
import { addressGroups, groupMask, networkText } from '../networks/ip-address.ts';
import { awsMember, elementsOf, idOf, lineOf, wholeNumberOf } from './aws-json.ts';
import type { Opening } from './context-event.ts';

/** A security group has at most 1,000 rules; more than this in one call are bulk work, and would not fit an item. */
export const maxOpenings = 200;

/** Whom a rule lets in or out, how, and which way. */
type Direction = Opening['direction'];

/**
 * Reads rules of a security group: of `securityGroupRuleSet`, of `ModifySecurityGroupRules`, or the old form of a request
 * with one network. Leaves out what has another form.
 *
 * @param direction of a rule that does not say it
 */
export function readRules(rules: readonly Json[], direction: Direction): Opening[] {
  return rules.flatMap((rule) => openingsOf(rule, directionIn(rule, direction), [rule])).slice(0, maxOpenings);
}

/** Reads `ipPermissions` of a request: each has a protocol, ports and lists of peers. */
export function readPermissions(permissions: readonly Json[], direction: Direction): Opening[] {
  const openings: Opening[] = [];
  for (const permission of permissions) {
    const lists = ['ipRanges', 'ipv6Ranges', 'prefixListIds', 'groups'];
    const peers = lists.flatMap((list) => elementsOf(awsMember(permission, list)));
    openings.push(...openingsOf(permission, direction, peers));
    if (openings.length >= maxOpenings) break;
  }
  return openings.slice(0, maxOpenings);
}

/** Reads an entry of a network ACL as what it matches, whether it allows or denies that; undefined for another form. */
export function readAclEntry(entry: Json): Opening | undefined {
  const protocol = readProtocol(awsMember(entry, 'aclProtocol') ?? awsMember(entry, 'protocol'));
  const peer = peerOf(entry);
  const ports = readPorts(protocol, awsMember(entry, 'portRange', 'from'), awsMember(entry, 'portRange', 'to'));
  if (protocol === undefined || !peer || !ports) return undefined;
  const direction = awsMember(entry, 'egress') === true ? 'egress' : 'ingress';
  return defined({ direction, protocol: protocol === 'all' ? undefined : protocol, ...ports, peer } as const);
}

/** Returns a network with the bits after its prefix set to zero; CloudTrail records networks as they were written. */
export function maskedNetwork(value: Json): string | undefined {
  const [address, prefix, ...rest] = typeof value === 'string' && value.length <= 64 ? value.split('/') : [];
  const groups = address === undefined ? undefined : addressGroups(address);
  if (!groups || prefix === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const length = Number(prefix);
  if (length > groups.length * 16) return undefined;
  return networkText({ groups: groups.map((group, index) => group & groupMask(length, index)), length });
}

/** Formats what an opening lets through: `0.0.0.0/0 for tcp 443`, `sg-0aa for all traffic`. */
export function openingText({ protocol, from, to, peer }: Opening): string {
  const whom = 'cidr' in peer ? peer.cidr : 'group' in peer ? peer.group : peer.prefixList;
  if (protocol === undefined) return `${whom} for all traffic`;
  const name = protocolName(String(protocol)) ?? `protocol ${protocol}`;
  if (from === 0 && to === 65_535) return `${whom} for ${hasPorts(protocol) ? `all ${name}` : name}`;
  return `${whom} for ${name} ${from === to ? from : `${from} to ${to}`}`;
}

/** Returns openings with the widest first: networks by their prefix, then prefix lists and groups. */
export function widestFirst(openings: readonly Opening[]): Opening[] {
  const rank = ({ peer }: Opening) =>
    'cidr' in peer ? Number(peer.cidr.split('/')[1]) : 'prefixList' in peer ? 129 : 130;
  return openings.toSorted((a, b) => rank(a) - rank(b));
}

function openingsOf(rule: Json, direction: Direction, peers: readonly Json[]): Opening[] {
  const protocol = readProtocol(awsMember(rule, 'ipProtocol'));
  const ports = readPorts(protocol, awsMember(rule, 'fromPort'), awsMember(rule, 'toPort'));
  if (protocol === undefined || !ports) return [];
  return peers.flatMap((element) => {
    const peer = peerOf(element);
    return peer ? [defined({ direction, protocol: protocol === 'all' ? undefined : protocol, ...ports, peer })] : [];
  });
}

function directionIn(rule: Json, otherwise: Direction): Direction {
  const isEgress = awsMember(rule, 'isEgress');
  if (typeof isEgress !== 'boolean') return otherwise;
  return isEgress ? 'egress' : 'ingress';
}

const networkMembers = ['cidrIpv4', 'cidrIpv6', 'cidrIp', 'cidrBlock', 'ipv6CidrBlock'];

/** Returns the peer of a rule, or of an element of `ipRanges` and its like. */
function peerOf(rule: Json): Opening['peer'] | undefined {
  for (const name of networkMembers) {
    const cidr = maskedNetwork(awsMember(rule, name));
    if (cidr !== undefined) return { cidr };
  }
  const prefixList = idOf(awsMember(rule, 'prefixListId'), 'pl');
  if (prefixList !== undefined) return { prefixList };
  // A rule of a rule set has the group that it belongs to as `groupId`.
  const isRule = awsMember(rule, 'ipProtocol') !== undefined;
  const group = [
    awsMember(rule, 'referencedGroupId'),
    awsMember(rule, 'referencedGroupInfo', 'groupId'),
    awsMember(rule, 'sourceSecurityGroupId'),
    isRule ? undefined : awsMember(rule, 'groupId'),
  ].flatMap((value) => idOf(value, 'sg') ?? [])[0];
  return group === undefined ? undefined : { group };
}

/** The names that EC2 takes for protocols (EC2 API Reference, "IpPermission"); it takes the numbers of all. */
const protocols: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
]);

function readProtocol(value: Json): number | 'all' | undefined {
  const number = protocols.get(lineOf(value, 8)?.toLowerCase() ?? '') ?? wholeNumberOf(value);
  if (number === -1) return 'all';
  return number !== undefined && number <= 255 ? number : undefined;
}

/** Returns whether a rule may name ports: of other protocols it lets all through (EC2 API Reference, "IpPermission"). */
function hasPorts(protocol: number | 'all' | undefined): boolean {
  return protocol === 6 || protocol === 17;
}

/** Returns the ports, both included; undefined if they are no range. For all ports, EC2 writes -1, or nothing. */
function readPorts(protocol: number | 'all' | undefined, first: Json, last: Json) {
  const from = wholeNumberOf(first) ?? -1;
  const to = wholeNumberOf(last) ?? -1;
  if (!hasPorts(protocol) || (from === -1 && to === -1)) return { from: 0, to: 65_535 };
  return from >= 0 && from <= to && to <= 65_535 ? { from, to } : undefined;
}
