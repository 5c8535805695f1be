import { addressGroups, groupMask, isInNetwork, type Network } from '../networks/ip-address.ts';
import type { Opening } from './context-event.ts';
import type { SceneFlow } from './scene.ts';

/** The protocols with ports: TCP, UDP, SCTP (IANA, "Protocol Numbers"). */
const withPorts = new Set([6, 17, 132]);

/**
 * Returns whether a change lets a flow through: its direction is that in which the connection was opened, and its protocol,
 * ports and network are those of the flow. False if the peer of the change is a group or a prefix list, whose addresses
 * are not known.
 */
export function admits({ direction, protocol, from, to, peer }: Opening, flow: SceneFlow): boolean {
  const isInbound = flow.opener === 'peer';
  if ((direction === 'ingress') !== isInbound) return false;
  if (protocol !== undefined && protocol !== flow.protocol) return false;
  const port = isInbound ? flow.hostPort : flow.peerPort;
  if (withPorts.has(flow.protocol) && (port < from || port > to)) return false;
  return 'cidr' in peer && isWithin(flow.peer, peer.cidr);
}

/** Returns whether a network contains an address. The network need not be canonical: a real record has a host with `/0`. */
function isWithin(address: string, cidr: string): boolean {
  const groups = addressGroups(address);
  const network = networkOf(cidr);
  return groups !== undefined && network !== undefined && isInNetwork(groups, network);
}

function networkOf(cidr: string): Network | undefined {
  const [text, prefix] = cidr.split('/') as [string, string?];
  const groups = addressGroups(text);
  const length = Number(prefix);
  if (!groups || !Number.isInteger(length) || length < 0 || length > groups.length * 16) return undefined;
  return { groups: groups.map((group, index) => group & groupMask(length, index)), length };
}
