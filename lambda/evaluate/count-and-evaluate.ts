import { countBatch } from '../count/count-batch.ts';
import type { BatchStart, CountPorts } from '../count/counter-store.ts';
import type { Batch } from '../counters/batch.ts';
import type { CountedDelta, KeyDelta } from '../counters/delta.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import { evaluate, mergeEvaluations } from './evaluate.ts';
import type { Evaluation } from './finding.ts';
import type { LearningStarts } from './learning-starts.ts';

/** The evaluations of a batch's counters. */
export interface CountedBatch {
  readonly evaluation: Evaluation;
  /** The deltas of counters without an alert to claim or to send: see KnownSlots. */
  readonly settled: readonly KeyDelta[];
}

/**
 * Counts a batch, and evaluates each counter as soon as it is counted.
 */
export async function countAndEvaluate(
  deltas: readonly KeyDelta[],
  batch: Batch,
  start: Pick<BatchStart, 'isRetry' | 'isCounted'>,
  rules: LoadedRules,
  learning: LearningStarts,
  ports: CountPorts,
): Promise<CountedBatch> {
  const settled: KeyDelta[] = [];
  const evaluateCounter = (updates: readonly CountedDelta[]) => {
    const evaluated = evaluate(updates, batch, rules, learning);
    if (isSettled(evaluated, updates)) settled.push(...updates.map(({ delta }) => delta));
    return evaluated;
  };
  const evaluations = await countBatch(deltas, batch, start, ports, evaluateCounter);
  return { evaluation: mergeEvaluations(evaluations), settled };
}

/** Returns whether a counter has no alert to claim or to send. */
function isSettled({ findings }: Evaluation, updates: readonly CountedDelta[]): boolean {
  return findings.length === 0 && updates.at(-1)!.counter.alertRecords.every(({ sent }) => sent);
}
