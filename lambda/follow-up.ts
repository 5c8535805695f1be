import pMap from 'p-map';
import type { Batch } from './core/batch.ts';
import { type FollowUp, followUp } from './core/follow-up.ts';
import type { Finding } from './core/judge.ts';
import { concurrency, type Ports } from './ports.ts';
import type { LoadedRules } from './sigma/load.ts';

/** What is looked at again in one batch; what is left over has its turn in a later minute. */
const mostAtOnce = 25;

/**
 * Looks again at alerts that were put off, and at those of which an end is to be told, at most once in a minute of
 * arrival. What the batch itself finds comes before: then a promise that is taken over here is held already.
 */
export async function followUps(
  batch: Batch,
  rules: LoadedRules,
  { counters, ledger, deadline }: Ports,
): Promise<Finding[]> {
  const minute = Math.floor(batch.arrival / 60);
  const all = await ledger.followUps(minute, deadline);
  const from = all.length > 0 ? (minute * mostAtOnce) % all.length : 0;
  const chosen = [...all.slice(from), ...all.slice(0, from)].slice(0, mostAtOnce);
  const done: FollowUp[] = [];
  const findings = await pMap(
    chosen,
    async (one) => {
      const rule = rules.rules.get(one.rule);
      const counter = rule && (await counters.read(one.key.pk, deadline));
      const outcome = counter && followUp(rule, one.key, counter, batch, rules);
      if (outcome?.done ?? true) done.push(one);
      return outcome?.findings ?? [];
    },
    { concurrency },
  );
  if (done.length > 0) await ledger.unfollow(done, deadline);
  return findings.flat();
}
