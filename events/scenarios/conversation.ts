import type { Random } from './random.ts';

/** What went one way: packets as counted, bytes with their headers. */
export interface Volume {
  readonly packets: number;
  readonly bytes: number;
}

/** A stretch of time, in epoch seconds, in which both sides sent something, evenly. */
export interface Burst {
  readonly from: number;
  readonly to: number;
  readonly sent: Volume;
  readonly received: Volume;
}

/**
 * What became of a conversation.
 *
 * - `answered`: both security groups and network ACLs let it pass, and the server answers.
 * - `unanswered`: it passes, and nobody is there.
 * - `reset`: it passes, and the server has nothing on that port.
 * - `refused by target`, `refused by source`: a security group or network ACL on that side rejects it.
 * - `reply refused`: a network ACL, which is stateless, lets the question pass and rejects the answer.
 */
export type Fate = 'answered' | 'unanswered' | 'reset' | 'refused by target' | 'refused by source' | 'reply refused';

/** Who talks to whom; protocol 6 (TCP) unless it says otherwise. */
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

/** One connection, or what has the same ends where there are no connections. */
export interface Conversation extends Endpoints {
  readonly fate: Fate;
  /** In order of time, at least one. */
  readonly bursts: readonly Burst[];
  /** Whether the first burst opens a TCP connection, and the last one closes it. */
  readonly opens: boolean;
  readonly closes: boolean;
}

/** A port that Linux gives to clients (ip_local_port_range). */
export function ephemeral(random: Random): number {
  return random.between(32_768, 60_999);
}

/** The headers of a packet of TCP over IPv4, with timestamps as Linux sends them. */
const tcpHeader = 52;

/**
 * A stretch of a TCP connection that carries so many bytes of payload each way; headers and ACKs come on top.
 *
 * @param around how many packets there are besides those that carry and acknowledge
 */
export function burst(from: number, seconds: number, sent: number, received: number, around = 1): Burst {
  const volume = (own: number, other: number) => {
    const packets = around + Math.ceil(own / 1400) + Math.ceil(other / 2800);
    return { packets, bytes: own + tcpHeader * packets };
  };
  return { from, to: from + seconds, sent: volume(sent, received), received: volume(received, sent) };
}

/** A TCP connection that is opened, used and closed in one stretch. */
export function connection(
  ends: Endpoints,
  from: number,
  seconds: number,
  sent: number,
  received: number,
): Conversation {
  return { ...ends, fate: 'answered', bursts: [burst(from, seconds, sent, received, 4)], opens: true, closes: true };
}

/** A TCP connection that is used now and then. */
export function session(ends: Endpoints, bursts: readonly Burst[], closes = true): Conversation {
  return { ...ends, fate: 'answered', bursts, opens: true, closes };
}

/** Datagrams both ways; so many bytes of payload, in packets of so many bytes. */
export function datagrams(
  ends: Endpoints,
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
  return { ...ends, protocol: ends.protocol ?? udp, fate: 'answered', bursts, opens: false, closes: false };
}

/** A try to open a TCP connection that comes to nothing: a SYN, and those that follow when no answer comes. */
export function attempt(ends: Endpoints, from: number, fate: Exclude<Fate, 'answered'>): Conversation {
  const [packets, seconds] = fate === 'reset' ? [1, 0] : [3, 7];
  const sent = { packets, bytes: 60 * packets };
  const received = fate === 'reset' ? { packets: 1, bytes: 40 } : fate === 'reply refused' ? sent : nothing;
  return { ...ends, fate, bursts: [{ from, to: from + seconds, sent, received }], opens: true, closes: false };
}

const nothing: Volume = { packets: 0, bytes: 0 };

/** When the conversation begins, in epoch seconds. */
export function startOf({ bursts }: Conversation): number {
  return bursts[0]!.from;
}
