import { type Burst, burst, connection, ephemeral, session, tcp } from '../conversation.ts';
import { labelsOf } from '../labels.ts';
import type { Attack } from '../scenario.ts';
import { labelsOfPairs, type OneTarget, type Plan, type Site } from './plan.ts';

/** The seconds between two calls, and the maximum deviation. */
interface Rhythm {
  readonly every: number;
  readonly jitter: number;
}

/** Creates a beacon to a command-and-control server: one connection of `bytes` bytes for each call. */
export function beacon(
  { network, random }: Site,
  plan: Plan & OneTarget & Rhythm & { readonly bytes: number },
): Attack {
  const { name, client, server, port, from, to, every, jitter, bytes } = plan;
  const conversations = [];
  for (let second = from; second < to; second += every) {
    const start = Math.max(from, second + random.between(-jitter, jitter));
    conversations.push(connection({ client, server, clientPort: ephemeral(random), port }, start, 1, bytes, 120));
  }
  return { name, conversations, labels: labelsOfPairs(plan, network.pairsOf(client, server)) };
}

/**
 * Creates a connection that stays open, such as a reverse shell: keep-alives, and some interactive traffic.
 *
 * @param plan has the `rules` of the pairs besides `long_connection`, which always applies
 */
export function tunnel(
  { network, random }: Site,
  plan: Plan &
    OneTarget &
    Rhythm & { readonly typesEvery?: number; readonly pause?: readonly [from: number, to: number] },
): Attack {
  const { name, client, server, port, from, to, every, jitter, typesEvery = Number.POSITIVE_INFINITY, pause } = plan;
  const clientPort = ephemeral(random);
  const bursts: Burst[] = [];
  let typed = from;
  for (let second = from; second < to; second += every + random.between(-jitter, jitter)) {
    if (pause && second >= pause[0] && second < pause[1]) continue;
    const isTyped = second - typed >= typesEvery;
    if (isTyped) typed = second;
    bursts.push(burst(second, isTyped ? 20 : 0, isTyped ? 120_000 : 48, isTyped ? 9000 : 48));
  }
  const conversation = session({ client, server, clientPort, port }, bursts);
  const pairs = network.pairsOf(client, server);
  const connections = pairs.flatMap(([srcaddr, dstaddr]) =>
    labelsOf(['long_connection'], { srcaddr, srcport: clientPort, dstaddr, dstport: port, protocol: tcp }, from, to),
  );
  return { name, conversations: [conversation], labels: [...connections, ...labelsOfPairs(plan, pairs)] };
}
