import { addressGroups, isInNetwork, parseNetwork } from '../networks/ip-address.ts';
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

/** Returns whether a network contains an address; false if one of them is invalid. */
function isWithin(address: string, cidr: string): boolean {
  const groups = addressGroups(address);
  const network = parseNetwork(cidr);
  return groups !== undefined && !('problem' in network) && isInNetwork(groups, network);
}
