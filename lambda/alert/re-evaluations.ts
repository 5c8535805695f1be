import pMap from 'p-map';
import { concurrency } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import type { CounterKey } from '../counters/counter-key.ts';
import type { Finding, ReEvaluation } from '../evaluate/finding.ts';
import { reEvaluate } from '../evaluate/re-evaluate.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { AlertPorts } from './alert-ports.ts';

/** The most rules and keys that one batch re-evaluates; the others stay queued for a later minute. */
const maxPerBatch = 25;

/**
 * Re-evaluates the queued rules and keys, at most once in a minute of arrival: deferred alerts, and alerts whose
 * resolution is due. If more are queued than fit, the batch's dedup token chooses among them, so that all have a turn.
 *
 * @param found the findings of the batch itself; their rules and keys are not re-evaluated
 */
export async function reEvaluateDue(
  found: readonly Finding[],
  batch: Batch,
  rules: LoadedRules,
  { counters, alertState, deadline }: AlertPorts,
): Promise<Finding[]> {
  const inBatch = new Set(found.map(({ rule, delta }) => nameOf(rule.name, delta.key)));
  const queued = await alertState.dueReEvaluations(batch, deadline);
  const byName = [...Map.groupBy(queued, ({ rule, key }) => nameOf(rule, key))].filter(([name]) => !inBatch.has(name));
  const first = byName.length > 0 ? Buffer.from(batch.dedupToken, 'base64url').readUInt32BE() % byName.length : 0;
  const chosen = [...byName.slice(first), ...byName.slice(0, first)].slice(0, maxPerBatch);
  const done: ReEvaluation[] = [];
  const findings = await pMap(
    chosen,
    async ([, entries]) => {
      const { rule: name, key } = entries[0]!;
      const rule = rules.rules.get(name);
      const counter = rule && (await counters.read(key.pk, deadline));
      const result = counter && reEvaluate(rule, key, counter, batch, rules);
      if (result?.done ?? true) done.push(...entries);
      return result?.findings ?? [];
    },
    { concurrency },
  );
  if (done.length > 0) await alertState.cancel(done, deadline);
  return findings.flat();
}

function nameOf(rule: string, { pk }: CounterKey): string {
  return `${rule} ${pk}`;
}
