import { countBatch } from '../../lambda/count/count-batch.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { evaluate } from '../../lambda/evaluate/evaluate.ts';
import type { Evaluation } from '../../lambda/evaluate/finding.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Counts the deltas of a batch and evaluates each counter, as the function does for a batch without refused pairs. */
export async function countAndEvaluate(
  deltas: readonly KeyDelta[],
  batch: Batch,
  rules: LoadedRules,
  ports: Ports,
): Promise<readonly Evaluation[]> {
  const start = await ports.counters.begin(batch, ports.deadline);
  return countBatch(deltas, batch, start, ports, (updates) => evaluate(updates, batch, rules, 0));
}
