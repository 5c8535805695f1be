import { attempt, type Conversation, connection, datagrams, ephemeral, type Fate, icmp } from '../conversation.ts';
import { labelsOf } from '../labels.ts';
import type { Attack } from '../scenario.ts';
import { evenly, labelsOfPairs, type OneTarget, type Plan, type Site } from './plan.ts';

/** Reconnaissance, and unauthorised access. */

/** Creates a sweep: one port of many hosts, one after the other; port 0 for a ping. */
export function sweep(
  { random }: Site,
  plan: Plan & { readonly servers: readonly string[]; readonly port: number; readonly fate: Fate },
): Attack {
  const { name, rules, client, servers, port, from, to, fate } = plan;
  const times = evenly(servers.length, from, to - 30);
  const conversations = servers.map((server, n) => {
    if (port === 0)
      return { ...datagrams({ client, server, clientPort: 0, port, protocol: icmp }, times[n]!, 1, 64, 0), fate };
    return opened({ client, server, clientPort: ephemeral(random), port }, times[n]!, fate);
  });
  return { name, conversations, labels: labelsOf(rules, { srcaddr: client, dstport: port }, from, to) };
}

/** Creates a scan: many ports of one host, one after the other. */
export function scan(
  { network, random }: Site,
  plan: Plan & { readonly server: string; readonly ports: readonly number[]; readonly fate: Fate },
): Attack {
  const { name, client, server, ports, from, to, fate } = plan;
  const times = evenly(ports.length, from, to - 30);
  const conversations = ports.map((port, n) =>
    opened({ client, server, clientPort: ephemeral(random), port }, times[n]!, fate),
  );
  return { name, conversations, labels: labelsOfPairs(plan, network.pairsOf(client, server)) };
}

/** Creates repeated attempts on one port of one host; `answered` is a connection with a password attempt. */
export function insist(
  { network, random }: Site,
  plan: Plan & OneTarget & { readonly count: number; readonly fate: Fate },
): Attack {
  const { name, client, server, port, from, to, count, fate } = plan;
  const conversations = evenly(count, from, to - 30).map((start) =>
    opened({ client, server, clientPort: ephemeral(random), port }, start, fate),
  );
  const pairs = fate === 'refused by source' ? [[client, server] as const] : network.pairsOf(client, server);
  return { name, conversations, labels: labelsOfPairs(plan, pairs) };
}

/** Creates a probe: some rejected ports, and an accepted one at the end of the time. */
export function probe(
  { network, random }: Site,
  plan: Plan & {
    readonly server: string;
    readonly closedPorts: readonly number[];
    readonly open: number;
    readonly pause: number;
  },
): Attack {
  const { name, client, server, closedPorts, open, pause, from, to } = plan;
  const times = evenly(closedPorts.length, from, to - pause);
  const conversations: Conversation[] = closedPorts.map((port, n) =>
    attempt({ client, server, clientPort: ephemeral(random), port }, times[n]!, 'refused by target'),
  );
  conversations.push(
    connection({ client, server, clientPort: ephemeral(random), port: open }, to - 40, 35, 40_000, 60_000),
  );
  return { name, conversations, labels: labelsOfPairs(plan, network.pairsOf(client, server)) };
}

/** Creates one forbidden connection. */
export function contact({ network, random }: Site, plan: Plan & OneTarget): Attack {
  const { name, client, server, port, from, to } = plan;
  const ends = { client, server, clientPort: ephemeral(random), port };
  const labels = labelsOfPairs(plan, network.pairsOf(client, server));
  return { name, conversations: [connection(ends, from, to - from, 3000, 12_000)], labels };
}

function opened(ends: Parameters<typeof attempt>[0], start: number, fate: Fate): Conversation {
  return fate === 'answered' ? connection(ends, start, 4, 1500, 2200) : attempt(ends, start, fate);
}
