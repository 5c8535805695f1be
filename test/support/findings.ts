import { expect } from 'vitest';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { Batch } from '../../lambda/counters/batch.ts';
import { seenUntil } from '../../lambda/counters/silence.ts';
import { judge } from '../../lambda/evaluate/evaluate.ts';
import type { Finding } from '../../lambda/evaluate/finding.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { deltasOf } from './deltas.ts';
import { epoch, type flowOf } from './flows.ts';

export const someBatch: Batch = { token: 'AAAAAAAA', arrival: epoch + 100 };

/** What rules find in flows that come as one batch; the store then holds their claims as sent. */
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
    findings.push(...judge(updates, batch, rules).findings);
  }
  for (const { delta, counter, claim, replaces } of findings) {
    expect(await store.claim(delta.key.pk, claim, replaces, seenUntil(claim, counter))).toEqual({ held: claim });
    await store.markSent(delta.key.pk, claim);
  }
  return findings;
}
