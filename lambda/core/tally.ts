import { addressGroups, isInNetwork, type Network } from './address.ts';
import { countedValue } from './ends.ts';
import { type Flow, fieldOf, quantityOf } from './flow.ts';
import type { Quantity } from './quantity.ts';

/** What a flow adds to its pair: the bytes of an accepted one, or one reject. */
export interface Tally {
  readonly src: string;
  readonly dst: string;
  readonly bytes: Quantity;
  readonly rejects: number;
}

/**
 * What the flow adds to its pair; undefined where nothing can be counted: an end, the action, or an accepted flow's
 * bytes are not available, or it is a second sighting.
 */
export function tallyOf(flow: Flow, monitoredNetworks: readonly Network[]): Tally | undefined {
  const src = countedValue(flow, 'srcaddr');
  const dst = countedValue(flow, 'dstaddr');
  if (src === undefined || dst === undefined) return undefined;
  const action = fieldOf(flow, 'action');
  if (action === 'REJECT') return { src, dst, bytes: 0, rejects: 1 };
  if (action !== 'ACCEPT' || isSecondSighting(flow, monitoredNetworks)) return undefined;
  const bytes = quantityOf(flow, 'bytes');
  return bytes === undefined ? undefined : { src, dst, bytes, rejects: 0 };
}

/**
 * Whether the flow was logged at its other end already: traffic within the monitored networks is logged once leaving
 * its source and once entering its target, and the one that leaves is counted. A reject is logged only where it happens.
 * Without `flow-direction` the two cannot be told apart and none is a second sighting.
 */
export function isSecondSighting(flow: Flow, monitoredNetworks: readonly Network[]): boolean {
  if (fieldOf(flow, 'flow-direction') !== 'ingress' || fieldOf(flow, 'action') !== 'ACCEPT') return false;
  const source = countedValue(flow, 'srcaddr');
  const groups = source === undefined ? undefined : addressGroups(source);
  return groups !== undefined && monitoredNetworks.some((network) => isInNetwork(groups, network));
}
