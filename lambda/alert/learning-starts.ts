import type { Batch } from '../counters/batch.ts';
import type { LearningStarts } from '../evaluate/learning-starts.ts';
import type { LoadedRules } from '../rules/loaded.ts';
import type { AlertPorts } from './alert-ports.ts';

/**
 * Reads the times from which the rules learn; empty if no rule needs them. Without a table of regions, nothing is learned:
 * the time is then that of the batch, and is not stored.
 */
export async function learningStarts(
  { arrival }: Pick<Batch, 'arrival'>,
  { learningNames, regions }: Pick<LoadedRules, 'learningNames' | 'regions'>,
  { alertState, deadline }: Pick<AlertPorts, 'alertState' | 'deadline'>,
): Promise<LearningStarts> {
  const startOf = async (name: string) => {
    const isLearning = name === '' || regions.current !== undefined;
    return [name, isLearning ? await alertState.observedSince(name, arrival, deadline) : arrival] as const;
  };
  return new Map(await Promise.all(learningNames.map(startOf)));
}
