import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { isInAnyNetwork, type Network } from '../networks/ip-address.ts';
import { endpointReader, pairOf } from './endpoints.ts';
import { type Flow, fieldReader } from './flow.ts';

/** The amounts that a flow adds to its pair: the bytes of an accepted flow, or one reject. */
export interface Contribution {
  readonly bytes: Quantity;
  readonly rejects: number;
}

/** A flow's pair and the amounts that the flow adds to it. */
export interface PairContribution extends Contribution {
  readonly src: string;
  readonly dst: string;
}

/**
 * Returns the flow's pair and contribution; undefined if an endpoint is not available, or contributionOf returns
 * undefined.
 */
export function pairContributionOf(flow: Flow, monitoredNetworks: readonly Network[]): PairContribution | undefined {
  const src = sourceOf(flow);
  const dst = destinationOf(flow);
  const contribution = contributionOf(flow, monitoredNetworks);
  return src === undefined || dst === undefined || !contribution ? undefined : { src, dst, ...contribution };
}

/**
 * Returns the amounts that the flow adds to its pair. Undefined if the action or an accepted flow's bytes are not
 * available, or the flow is a duplicate observation.
 */
export function contributionOf(flow: Flow, monitoredNetworks: readonly Network[]): Contribution | undefined {
  const action = actionOf(flow);
  if (action === 'REJECT') return oneReject;
  if (action !== 'ACCEPT' || isDuplicateObservation(flow, monitoredNetworks)) return undefined;
  const bytes = bytesOf(flow);
  return bytes === undefined ? undefined : { bytes: parseQuantity(bytes), rejects: 0 };
}

/** Returns whether the flow is part of its pair's bytes or rejects. */
export function isCounted(flow: Flow, monitoredNetworks: readonly Network[]): boolean {
  return pairOf(flow) !== undefined && contributionOf(flow, monitoredNetworks) !== undefined;
}

const oneReject: Contribution = { bytes: 0, rejects: 1 };

/**
 * Returns whether the flow is a duplicate observation. Accepted traffic between monitored networks is logged at both
 * interfaces; only the egress record is counted. Traffic from outside is counted where it arrives, so the egress record of
 * an interface that forwards it is not: that of a NAT gateway or load balancer, by the packet's source (decision 31). A
 * reject is logged once, where it happens. Without `flow-direction` the records look the same, so all are counted.
 */
export function isDuplicateObservation(flow: Flow, monitoredNetworks: readonly Network[]): boolean {
  const direction = directionOf(flow);
  if (direction === undefined || actionOf(flow) !== 'ACCEPT') return false;
  const source = sourceOf(flow);
  if (source === undefined) return false;
  if (direction === 'ingress') return isInAnyNetwork(source, monitoredNetworks);
  const sender = senderOf(flow);
  if (sender === undefined || sender === source || isInAnyNetwork(source, monitoredNetworks)) return false;
  const destination = destinationOf(flow);
  return destination !== undefined && isInAnyNetwork(destination, monitoredNetworks);
}

const sourceOf = endpointReader('srcaddr');
const destinationOf = endpointReader('dstaddr');
/** The address of the interface at egress; `sourceOf` is that of the packet. */
const senderOf = fieldReader('srcaddr');
const actionOf = fieldReader('action');
const directionOf = fieldReader('flow-direction');
const bytesOf = fieldReader('bytes');
