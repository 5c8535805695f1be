import pMap from 'p-map';
import type { Batch } from './core/batch.ts';
import type { KeyDelta } from './core/delta-builder.ts';
import type { Counted, Judgement } from './core/judge.ts';
import { concurrency, type Ports } from './ports.ts';

/** Adds each delta to its counter, those of one counter one after the other, and judges each counter when it is done. */
export async function count(
  deltas: readonly KeyDelta[],
  batch: Batch,
  { counters, deadline }: Ports,
  judged: (updates: readonly Counted[]) => Judgement,
): Promise<Judgement> {
  const judgements = await pMap(
    Map.groupBy(deltas, (delta) => delta.key.pk).values(),
    async (parts) => {
      const updates: Counted[] = [];
      for (const delta of parts) updates.push({ delta, counter: await counters.add(delta, batch, deadline) });
      return judged(updates);
    },
    { concurrency },
  );
  return {
    findings: judgements.flatMap(({ findings }) => findings),
    heldBack: judgements.flatMap(({ heldBack }) => heldBack),
  };
}
