import { isInNetwork, type Network, parseNetwork } from '../../lambda/networks/ip-address.ts';

const ipv4Bits = 32;

/**
 * The shortest prefixes of a monitored network. An IPv4 network wider than 10.0.0.0/8, the widest private range, has
 * public addresses. A public IPv6 network wider than /16 spans the allocations of several owners.
 */
const minLength = { ipv4: 8, ipv6: 16 };

/** The shortest prefixes of the CIDR blocks of a VPC (VPC User Guide, "VPC CIDR blocks": /16, and /44 for IPv6). */
const minVpcLength = { ipv4: 16, ipv6: 44 };

/** The unique local addresses of RFC 4193, which are not public. */
const uniqueLocal: Network = { groups: [0xfc00, 0, 0, 0, 0, 0, 0, 0], length: 7 };

/** The private range of RFC 1918 that is as wide as the widest VPC. */
const privateSixteen = parseNetwork('192.168.0.0/16') as Network;

/**
 * Parses a monitored network. Returns the problem of a network that contains public addresses wholesale: accepted flows
 * of the internet would not be counted.
 */
export function parseMonitoredNetwork(text: string): Network | { readonly problem: string } {
  const network = parseNetwork(text);
  if ('problem' in network) return network;
  const { groups, length } = network;
  const isPrivate = length >= uniqueLocal.length && isInNetwork(groups, uniqueLocal);
  const min = minLength[kindOf(network)];
  if (length >= min || isPrivate) return network;
  return {
    problem:
      `${text} is too wide: accepted flows from the internet would not be counted, expected the CIDR blocks of the ` +
      `logged VPCs, such as 10.0.0.0/16, no wider than /${min}`,
  };
}

/** Returns the valid ones of texts as networks. */
export function parseNetworks(texts: readonly string[]): Network[] {
  return texts.map(parseNetwork).flatMap((network) => ('problem' in network ? [] : network));
}

/** Returns whether a network is wider than any block of a VPC, or the private range 192.168.0.0/16. */
export function isWiderThanVpc(network: Network): boolean {
  const isPrivateSixteen = network.length === 16 && isInNetwork(network.groups, privateSixteen);
  return isPrivateSixteen || network.length < minVpcLength[kindOf(network)];
}

function kindOf({ groups }: Network): 'ipv4' | 'ipv6' {
  return groups.length * 16 === ipv4Bits ? 'ipv4' : 'ipv6';
}
