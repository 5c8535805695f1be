import { type Conversation, tcp } from './conversation.ts';
import type { Network, Pair } from './network.ts';
import type { FlowRecord } from './record.ts';

/** The fields that are equal in all records of one interface and one direction of a conversation. */
type Observation = Omit<FlowRecord, 'protocol' | 'packets' | 'bytes' | 'start' | 'end' | 'flags' | 'due'> & {
  readonly way: 'sent' | 'received';
};

/**
 * Generates the records of a conversation: one for each interface that observes it, each direction, and each aggregation
 * interval of a minute (VPC User Guide, "Flow log records"). A flow between two interfaces has egress records of the first and
 * ingress records of the second. Traffic between pods of one node has no records.
 */
export function* recordsOf(conversation: Conversation, network: Network): Generator<FlowRecord> {
  const { client, server } = conversation;
  const seenBy = network.interfaceOf(client);
  if (seenBy !== undefined && seenBy === network.interfaceOf(server)) return;
  for (const observation of observationsOf(conversation, network)) yield* recordsOfIntervals(conversation, observation);
}

function observationsOf(conversation: Conversation, network: Network): Observation[] {
  const { client, server, clientPort, port, service, fate } = conversation;
  const found: Observation[] = [];
  const observe = (
    at: string,
    direction: Observation['direction'],
    [src, dst]: Pair,
    [pktSrc, pktDst]: Pair = [src, dst],
    action: Observation['action'] = 'ACCEPT',
  ) => {
    const seenBy = network.interfaceOf(at);
    if (!seenBy) return;
    const isSent = pktDst === server;
    found.push({
      ...{ seenBy, direction, src, dst, pktSrc, pktDst, action },
      ...(isSent
        ? { way: 'sent', srcport: clientPort, dstport: port, srcService: undefined, dstService: service }
        : { way: 'received', srcport: port, dstport: clientPort, srcService: service, dstService: undefined }),
      path: direction === 'ingress' ? undefined : pathOf(network, src, dst),
    });
  };
  const nat = network.natBetween(client, server);
  const [there, back]: [Pair, Pair] = [
    [client, server],
    [server, client],
  ];

  observe(client, 'egress', there, there, fate === 'refused by source' ? 'REJECT' : 'ACCEPT');
  if (fate === 'refused by source') return found;
  if (nat !== undefined) {
    observe(nat, 'ingress', [client, nat], there);
    observe(nat, 'egress', [nat, server]);
  }
  observe(server, 'ingress', there, there, fate === 'refused by target' ? 'REJECT' : 'ACCEPT');
  if (fate === 'refused by target' || fate === 'unanswered') return found;
  observe(server, 'egress', back, back, fate === 'reply refused' ? 'REJECT' : 'ACCEPT');
  if (fate === 'reply refused') return found;
  if (nat !== undefined) {
    observe(nat, 'ingress', [server, nat]);
    observe(nat, 'egress', [nat, client], back);
  }
  observe(client, 'ingress', back);
  return found;
}

/** Returns `traffic-path`: 1 within the VPC, here also through the NAT gateway; 8 through an internet gateway, on Nitro. */
function pathOf(network: Network, src: string, dst: string): number {
  return network.interfaceOf(dst) || network.natBetween(src, dst) !== undefined ? 1 : 8;
}

/** Divides a direction of a conversation into records, one for each interval with traffic; no byte is lost. */
function recordsOfIntervals(conversation: Conversation, { way, ...seen }: Observation): Iterable<FlowRecord> {
  const { bursts, protocol = tcp } = conversation;
  const { offset } = seen.seenBy;
  const records = new Map<number, FlowRecord>();
  for (const { from, to, ...volumes } of bursts) {
    const { packets, bytes } = volumes[way];
    const first = intervalOf(from, offset);
    const last = Math.min(intervalOf(to, offset), first + Math.max(packets, 1) - 1);
    const parts = last - first + 1;
    for (let part = 0; part < parts && packets > 0; part += 1) {
      const due = (first + part + 1) * 60 + offset;
      const [start, end] = [Math.max(from, due - 60), Math.min(to, due - 1)];
      const known = records.get(due);
      const share = (total: number) => Math.floor((total * (part + 1)) / parts) - Math.floor((total * part) / parts);
      if (known) {
        known.packets += share(packets);
        known.bytes += share(bytes);
        known.end = Math.max(known.end, end);
      } else {
        const counted = { packets: share(packets), bytes: share(bytes), start, end, flags: 0 };
        records.set(due, { ...seen, protocol, ...counted, due });
      }
    }
  }
  if (protocol === tcp) setFlags(conversation, way, [...records.values()]);
  return records.values();
}

/**
 * Sets the flags of each interval: those of all its packets, and 0 for ACKs alone. A failed attempt repeats the opening
 * flags.
 */
function setFlags(
  { opens, closes, fate }: Conversation,
  way: Observation['way'],
  records: readonly FlowRecord[],
): void {
  const opening = way === 'sent' ? 2 : fate === 'reset' ? 4 : 18;
  for (const record of fate === 'answered' ? records.slice(0, 1) : records) if (opens) record.flags |= opening;
  const last = records.at(-1);
  if (last && closes) last.flags |= 1;
}

function intervalOf(seconds: number, offset: number): number {
  return Math.floor((seconds - offset) / 60);
}
