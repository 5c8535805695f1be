import { connection, datagrams, ephemeral, udp } from '../conversation.ts';
import type { Attack } from '../scenario.ts';
import { evenly, labelsOfPairs, type OneTarget, type Plan, type Site } from './plan.ts';

/** Creates the upload of data in equal parts, evenly from the first second to the last. */
export function exfiltrate(
  { network, random }: Site,
  plan: Plan & OneTarget & { readonly parts: number; readonly bytesEach: number; readonly protocol?: number },
): Attack {
  const { name, client, server, port, from, to, parts, bytesEach, protocol } = plan;
  const seconds = Math.max(1, Math.min(1800, Math.floor(((to - from) / parts) * 0.7)));
  const conversations = evenly(parts, from, to - seconds).map((start) => {
    const ends = { client, server, clientPort: ephemeral(random), port };
    if (protocol === udp) return datagrams(ends, start, seconds, bytesEach, Math.ceil(bytesEach / 20));
    return connection(ends, start, seconds, bytesEach, 9000);
  });
  return { name, conversations, labels: labelsOfPairs(plan, network.pairsOf(client, server)) };
}
