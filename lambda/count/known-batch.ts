import type { Batch } from '../counters/batch.ts';
import type { CountPorts } from './counter-store.ts';

/**
 * Returns a batch under the token by which the table knows it: a former version of the function may have counted a part of
 * it under a token of another form.
 *
 * @param forms the batch under each form of token, the present form first
 * @returns the batch under the present form if the table knows none
 */
export async function knownBatch(
  [present, ...former]: readonly [Batch, ...Batch[]],
  { counters, deadline }: CountPorts,
): Promise<Batch> {
  if (former.length === 0) return present;
  for (const batch of [present, ...former]) if (await counters.hasStarted(batch, deadline)) return batch;
  return present;
}
