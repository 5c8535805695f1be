import type { Batch } from '../../lambda/counters/batch.ts';
import type { KeyDelta } from '../../lambda/counters/delta.ts';
import { countAndEvaluate as countAndEvaluateStarted } from '../../lambda/evaluate/count-and-evaluate.ts';
import type { Evaluation } from '../../lambda/evaluate/finding.ts';
import type { Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';

/** Counts the deltas of a batch and evaluates each counter, as the function does for a batch without refused pairs. */
export async function countAndEvaluate(
  deltas: readonly KeyDelta[],
  batch: Batch,
  rules: LoadedRules,
  ports: Ports,
): Promise<Evaluation> {
  const start = await ports.counters.begin(batch, ports.deadline);
  return (await countAndEvaluateStarted(deltas, batch, start, rules, new Map(), ports)).evaluation;
}
