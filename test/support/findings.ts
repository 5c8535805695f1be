import { expect } from 'vitest';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import { observedUntil } from '../../lambda/counters/silence.ts';
import { evaluate } from '../../lambda/evaluate/evaluate.ts';
import type { Finding } from '../../lambda/evaluate/finding.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { deltasOf } from './deltas.ts';
import { epoch, type flowOf } from './flows.ts';

export const someBatch: Batch = { dedupToken: 'AAAAAAAA', arrival: epoch + 100 };

/** Evaluates rules on flows of one batch. Returns the findings; the store then holds their records as sent. */
export async function findingsOf(
  flows: readonly ReturnType<typeof flowOf>[],
  rules: LoadedRules,
  { batch = someBatch, store = new MemoryCounterStore(rules.series) } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const arrived = flows.map((flow) => ({ flow, arrival: batch.arrival }));
  for (const deltas of Map.groupBy(deltasOf(arrived, rules), ({ key }) => key.pk).values()) {
    const updates = [];
    for (const delta of deltas) updates.push({ delta, counter: await store.add(delta, batch) });
    findings.push(...evaluate(updates, batch, rules).findings);
  }
  for (const { delta, counter, record, replaces } of findings) {
    expect(await store.claim(delta.key.pk, record, replaces, observedUntil(record, counter))).toEqual({
      claimed: record,
    });
    await store.markSent(delta.key.pk, record);
  }
  return findings;
}
