import type { Random } from './random.ts';

/** The traffic of one direction: packets, and bytes with their headers. */
export interface Volume {
  readonly packets: number;
  readonly bytes: number;
}

/** A time span in epoch seconds in which both sides send data evenly. */
export interface Burst {
  readonly from: number;
  readonly to: number;
  readonly sent: Volume;
  readonly received: Volume;
}

/**
 * The result of a conversation.
 *
 * - `answered`: all security groups and network ACLs accept it, and the server answers.
 * - `unanswered`: it is accepted, but no host has the address.
 * - `reset`: it is accepted, but no server listens on the port.
 * - `refused by target`, `refused by source`: a security group or network ACL on that side rejects it.
 * - `reply refused`: a network ACL, which is stateless, accepts the request and rejects the reply.
 */
export type Fate = 'answered' | 'unanswered' | 'reset' | 'refused by target' | 'refused by source' | 'reply refused';

/** The endpoints of a conversation; default protocol: 6 (TCP). */
export interface Endpoints {
  readonly client: string;
  readonly server: string;
  readonly clientPort: number;
  readonly port: number;
  readonly protocol?: number;
  /** The AWS service that the server's address belongs to, as `pkt-dst-aws-service` names it. */
  readonly service?: string;
}

export const [icmp, tcp, udp] = [1, 6, 17];

/** One connection, or the datagrams between the same endpoints. */
export interface Conversation extends Endpoints {
  readonly fate: Fate;
  /** At least one burst, in order of time. */
  readonly bursts: readonly Burst[];
  /** The first burst opens a TCP connection, and the last one closes it. */
  readonly opens: boolean;
  readonly closes: boolean;
}

/** Returns a client port of Linux (ip_local_port_range). */
export function ephemeral(random: Random): number {
  return random.between(32_768, 60_999);
}

/** The headers of a packet of TCP over IPv4, with timestamps as Linux sends them. */
const tcpHeader = 52;

/**
 * Creates a burst of a TCP connection from bytes of payload each way; adds headers and ACKs.
 *
 * @param extraPackets packets besides data and ACKs
 */
export function burst(from: number, seconds: number, sent: number, received: number, extraPackets = 1): Burst {
  const volume = (own: number, other: number) => {
    const packets = extraPackets + Math.ceil(own / 1400) + Math.ceil(other / 2800);
    return { packets, bytes: own + tcpHeader * packets };
  };
  return { from, to: from + seconds, sent: volume(sent, received), received: volume(received, sent) };
}

/** Creates a TCP connection that opens and closes in one burst. */
export function connection(
  endpoints: Endpoints,
  from: number,
  seconds: number,
  sent: number,
  received: number,
): Conversation {
  return {
    ...endpoints,
    fate: 'answered',
    bursts: [burst(from, seconds, sent, received, 4)],
    opens: true,
    closes: true,
  };
}

/** Creates a TCP connection with several bursts. */
export function session(endpoints: Endpoints, bursts: readonly Burst[], closes = true): Conversation {
  return { ...endpoints, fate: 'answered', bursts, opens: true, closes };
}

/** Creates datagrams both ways, from bytes of payload and the size of a packet. */
export function datagrams(
  endpoints: Endpoints,
  from: number,
  seconds: number,
  sent: number,
  received: number,
  size = 1200,
): Conversation {
  const volume = (bytes: number) => {
    const packets = Math.ceil(bytes / size);
    return { packets, bytes: bytes + 28 * packets };
  };
  const bursts = [{ from, to: from + seconds, sent: volume(sent), received: volume(received) }];
  return { ...endpoints, protocol: endpoints.protocol ?? udp, fate: 'answered', bursts, opens: false, closes: false };
}

/** Creates a failed attempt to open a TCP connection: a SYN, and its retries if no reply arrives. */
export function attempt(endpoints: Endpoints, from: number, fate: Exclude<Fate, 'answered'>): Conversation {
  const [packets, seconds] = fate === 'reset' ? [1, 0] : [3, 7];
  const sent = { packets, bytes: 60 * packets };
  const received = fate === 'reset' ? { packets: 1, bytes: 40 } : fate === 'reply refused' ? sent : nothing;
  return { ...endpoints, fate, bursts: [{ from, to: from + seconds, sent, received }], opens: true, closes: false };
}

const nothing: Volume = { packets: 0, bytes: 0 };

/** Returns the begin of a conversation in epoch seconds. */
export function startOf({ bursts }: Conversation): number {
  return bursts[0]!.from;
}
