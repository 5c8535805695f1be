import type { Batch } from '../counters/batch.ts';
import type { LearningStarts } from '../evaluate/learning-starts.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { AlertPorts } from './alert-ports.ts';

/** Reads the times from which the rules learn; empty if no rule needs them. */
export async function learningStarts(
  { arrival }: Pick<Batch, 'arrival'>,
  { learningGroupings }: Pick<LoadedRules, 'learningGroupings'>,
  { alertState, deadline }: Pick<AlertPorts, 'alertState' | 'deadline'>,
): Promise<LearningStarts> {
  const read = async (grouping: string) =>
    [grouping, await alertState.observedSince(grouping, arrival, deadline)] as const;
  return new Map(await Promise.all(learningGroupings.map(read)));
}
