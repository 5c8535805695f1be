import pMap from 'p-map';
import type { Batch } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import type { CountedDelta, KeyDelta } from '../counters/delta.ts';
import { type CountPorts, concurrency } from './counter-store.ts';

/**
 * Adds each delta to its counter, those of one counter one after the other, and judges each counter when it is done. A
 * batch that was counted in whole before adds nothing, and is judged by the counters as they are.
 *
 * When an update fails, it begins no further one, and rejects when none is under way any more: a process that is frozen
 * after its answer would go on with them in a later invocation, when the counters may have forgotten the batch.
 */
export async function countBatch<T>(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { counters, deadline }: CountPorts,
  judged: (updates: readonly CountedDelta[]) => T,
): Promise<T[]> {
  if (deltas.length === 0) return [];
  const isCounted = await counters.begin(batch, deadline);
  if (counters.addSync && !isCounted) {
    const judgements = addAllSync(deltas, (delta) => counters.addSync!(delta, batch), judged);
    await counters.complete(batch, deadline);
    return judgements;
  }
  const failures: unknown[] = [];
  const judgements = await pMap(
    Map.groupBy(deltas, (delta) => delta.key.pk),
    async ([pk, parts]) => {
      if (failures.length > 0) return [];
      try {
        const updates: CountedDelta[] = [];
        const known = isCounted ? await counters.read(pk, deadline) : undefined;
        if (isCounted && !known) return [];
        for (const delta of parts) {
          if (failures.length > 0) return [];
          updates.push({ delta, counter: known ?? (await counters.add(delta, batch, deadline)) });
        }
        return [judged(updates)];
      } catch (error) {
        failures.push(error);
        return [];
      }
    },
    { concurrency },
  );
  if (failures.length > 0) throw failures[0];
  if (!isCounted) await counters.complete(batch, deadline);
  return judgements.flat();
}

function addAllSync<T>(
  deltas: readonly KeyDelta[],
  add: (delta: KeyDelta) => Counter,
  judged: (updates: readonly CountedDelta[]) => T,
): T[] {
  const byCounter = Map.groupBy(deltas, (delta) => delta.key.pk).values();
  return Array.from(byCounter, (parts) => judged(parts.map((delta) => ({ delta, counter: add(delta) }))));
}
