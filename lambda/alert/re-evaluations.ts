import pMap from 'p-map';
import { concurrency } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import type { CounterKey } from '../counters/counter-key.ts';
import type { Finding, ReEvaluation } from '../evaluate/finding.ts';
import { reEvaluate } from '../evaluate/re-evaluate.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { AlertPorts } from './alert-ports.ts';

/** What is looked at again in one batch; what is left over has its turn in a later minute. */
const maxPerBatch = 25;

/**
 * Looks again at alerts that were put off, and at those of which an end is to be told, at most once in a minute of
 * arrival. Which of them, if they are many, the batch's token says, so that all have their turn.
 *
 * @param found what the batch itself finds, which comes before: a rule and key of it is not looked at
 */
export async function reEvaluateDue(
  found: readonly Finding[],
  batch: Batch,
  rules: LoadedRules,
  { counters, alertState, deadline }: AlertPorts,
): Promise<Finding[]> {
  const isFound = new Set(found.map(({ rule, delta }) => nameOf(rule.name, delta.key)));
  const listed = await alertState.dueReEvaluations(batch, deadline);
  const all = [...Map.groupBy(listed, ({ rule, key }) => nameOf(rule, key))].filter(([name]) => !isFound.has(name));
  const from = all.length > 0 ? Buffer.from(batch.dedupToken, 'base64url').readUInt32BE() % all.length : 0;
  const chosen = [...all.slice(from), ...all.slice(0, from)].slice(0, maxPerBatch);
  const done: ReEvaluation[] = [];
  const findings = await pMap(
    chosen,
    async ([, same]) => {
      const { rule: name, key } = same[0]!;
      const rule = rules.rules.get(name);
      const counter = rule && (await counters.read(key.pk, deadline));
      const outcome = counter && reEvaluate(rule, key, counter, batch, rules);
      if (outcome?.done ?? true) done.push(...same);
      return outcome?.findings ?? [];
    },
    { concurrency },
  );
  if (done.length > 0) await alertState.cancel(done, deadline);
  return findings.flat();
}

function nameOf(rule: string, { pk }: CounterKey): string {
  return `${rule} ${pk}`;
}
