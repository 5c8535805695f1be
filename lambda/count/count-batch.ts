import pMap from 'p-map';
import type { Batch } from '../counters/batch.ts';
import type { Counter } from '../counters/counter.ts';
import type { CountedDelta, KeyDelta } from '../counters/delta.ts';
import { type CountPorts, concurrency } from './counter-store.ts';

/**
 * Adds each delta to its counter, the deltas of one counter in sequence, and evaluates each counter after its last update.
 * For a batch that is completely counted already it only reads and evaluates the counters.
 *
 * After the first failure, it starts no further update and rejects once those in flight have settled. Lambda may freeze
 * the process after the response; a resumed update could run after its dedup token was dropped.
 */
export async function countBatch<T>(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { counters, deadline }: CountPorts,
  evaluate: (updates: readonly CountedDelta[]) => T,
): Promise<T[]> {
  if (deltas.length === 0) return [];
  const isCounted = await counters.begin(batch, deadline);
  if (counters.addSync && !isCounted) {
    const results = addAllSync(deltas, (delta) => counters.addSync!(delta, batch), evaluate);
    await counters.complete(batch, deadline);
    return results;
  }
  const failures: unknown[] = [];
  const results = await pMap(
    Map.groupBy(deltas, (delta) => delta.key.pk),
    async ([pk, parts]) => {
      if (failures.length > 0) return [];
      try {
        const updates: CountedDelta[] = [];
        const stored = isCounted ? await counters.read(pk, deadline) : undefined;
        if (isCounted && !stored) return [];
        for (const delta of parts) {
          if (failures.length > 0) return [];
          updates.push({ delta, counter: stored ?? (await counters.add(delta, batch, deadline)) });
        }
        return [evaluate(updates)];
      } catch (error) {
        failures.push(error);
        return [];
      }
    },
    { concurrency },
  );
  if (failures.length > 0) throw failures[0];
  if (!isCounted) await counters.complete(batch, deadline);
  return results.flat();
}

function addAllSync<T>(
  deltas: readonly KeyDelta[],
  add: (delta: KeyDelta) => Counter,
  evaluate: (updates: readonly CountedDelta[]) => T,
): T[] {
  const byCounter = Map.groupBy(deltas, (delta) => delta.key.pk).values();
  return Array.from(byCounter, (parts) => evaluate(parts.map((delta) => ({ delta, counter: add(delta) }))));
}
