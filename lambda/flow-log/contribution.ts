import { parseQuantity, type Quantity } from '../common/quantity.ts';
import { addressGroups, isInNetwork, type Network } from '../networks/ip-address.ts';
import { endpointReader, pairOf } from './endpoints.ts';
import { type Flow, fieldReader } from './flow.ts';

/** What a flow adds to its pair: the bytes of an accepted one, or one reject. */
export interface Contribution {
  readonly bytes: Quantity;
  readonly rejects: number;
}

/** A pair, and what a flow adds to it. */
export interface PairContribution extends Contribution {
  readonly src: string;
  readonly dst: string;
}

/**
 * What the flow adds to its pair; undefined where nothing can be counted: an end, the action, or an accepted flow's
 * bytes are not available, or it is a second sighting.
 */
export function pairContributionOf(flow: Flow, monitoredNetworks: readonly Network[]): PairContribution | undefined {
  const src = source(flow);
  const dst = target(flow);
  const amounts = contributionOf(flow, monitoredNetworks);
  return src === undefined || dst === undefined || !amounts ? undefined : { src, dst, ...amounts };
}

/** What the flow adds to its pair if it has one; undefined as tallyOf says. */
export function contributionOf(flow: Flow, monitoredNetworks: readonly Network[]): Contribution | undefined {
  const action = actionOf(flow);
  if (action === 'REJECT') return oneReject;
  if (action !== 'ACCEPT' || isDuplicateObservation(flow, monitoredNetworks)) return undefined;
  const bytes = bytesOf(flow);
  return bytes === undefined ? undefined : { bytes: parseQuantity(bytes), rejects: 0 };
}

/** Whether the flow is part of its pair's bytes or rejects. */
export function isCounted(flow: Flow, monitoredNetworks: readonly Network[]): boolean {
  return pairOf(flow) !== undefined && contributionOf(flow, monitoredNetworks) !== undefined;
}

const oneReject: Contribution = { bytes: 0, rejects: 1 };

/**
 * Whether the flow was logged at its other end already: traffic within the monitored networks is logged once leaving
 * its source and once entering its target, and the one that leaves is counted. A reject is logged only where it happens.
 * Without `flow-direction` the two cannot be told apart and none is a second sighting.
 */
export function isDuplicateObservation(flow: Flow, monitoredNetworks: readonly Network[]): boolean {
  if (directionOf(flow) !== 'ingress' || actionOf(flow) !== 'ACCEPT') return false;
  const address = source(flow);
  const groups = address === undefined ? undefined : addressGroups(address);
  return groups !== undefined && monitoredNetworks.some((network) => isInNetwork(groups, network));
}

const source = endpointReader('srcaddr');
const target = endpointReader('dstaddr');
const actionOf = fieldReader('action');
const directionOf = fieldReader('flow-direction');
const bytesOf = fieldReader('bytes');
