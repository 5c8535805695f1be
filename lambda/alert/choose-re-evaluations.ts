import type { Batch } from '../counters/batch.ts';
import type { ReEvaluation, ReEvaluationQueue } from '../evaluate/finding.ts';
import { severeFirst } from '../rules/level.ts';

/** The most rules and keys that one batch re-evaluates; the others stay queued for a later minute. */
export const maxReEvaluated = 25;

/** The rules and keys of each queue that a batch re-evaluates before it takes more of the most severe level. */
const minShare = 2;

const queues: readonly ReEvaluationQueue[] = [...severeFirst, 'resolution'];

/**
 * Chooses the rules and keys that a batch re-evaluates: a share of each queue, then the most severe levels. Within a
 * queue, the rules take turns, so that many keys of one rule do not delay another rule. The batch's dedup token decides
 * which begins, so that all have a turn.
 *
 * @returns the entries of each chosen rule and key, the most severe first
 */
export function chooseReEvaluations(queued: readonly ReEvaluation[], { dedupToken }: Batch): ReEvaluation[][] {
  const byName = [...Map.groupBy(queued, reEvaluationName).values()];
  const byQueue = Map.groupBy(byName, (entries) => queues.find((queue) => entries.some((one) => one.queue === queue))!);
  const number = Buffer.from(dedupToken, 'base64url').readUInt32BE();
  const turns = queues.map((queue) => inTurns(byQueue.get(queue) ?? [], number));
  let left = maxReEvaluated - turns.reduce((sum, ofQueue) => sum + Math.min(ofQueue.length, minShare), 0);
  return turns.flatMap((ofQueue) => {
    const more = Math.max(0, Math.min(ofQueue.length - minShare, left));
    left -= more;
    return ofQueue.slice(0, minShare + more);
  });
}

/** Names the rule and key of an entry, whichever batch scheduled the entry. */
export function reEvaluationName({ rule, key }: Pick<ReEvaluation, 'rule' | 'key'>): string {
  return `${rule} ${key.pk}`;
}

/** Returns the rules and keys of a queue in their order: the first key of each rule, then the second of each, and so on. */
function inTurns(ofQueue: readonly ReEvaluation[][], number: number): ReEvaluation[][] {
  const byRule = [...Map.groupBy(ofQueue, ([first]) => first!.rule).values()].map((keys) => rotated(keys, number));
  const numbered = rotated(byRule, number).flatMap((keys) => keys.map((entries, turn) => ({ entries, turn })));
  return numbered.toSorted((a, b) => a.turn - b.turn).map(({ entries }) => entries);
}

function rotated<T>(all: readonly T[], number: number): T[] {
  const first = all.length > 0 ? number % all.length : 0;
  return [...all.slice(first), ...all.slice(0, first)];
}
