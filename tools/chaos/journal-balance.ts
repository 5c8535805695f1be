import type { MemoryJournal, StoredLane } from '../../emulators/memory-journal.ts';
import { type Counter, hasCounted, partToken } from '../../lambda/counters/counter.ts';
import { chunkBatch } from '../../lambda/flush/flush-batch.ts';
import { deltasOf } from '../../lambda/journal/columns/delta-columns.ts';
import { intakeInterval } from '../../lambda/journal/intake.ts';
import type { FreezeId } from '../../lambda/journal/journal.ts';
import { type Lane, partOf } from '../../lambda/journal/lane.ts';
import { unpackPage } from '../../lambda/journal/page/page.ts';

/** The bytes and rejects of pairs, by partition key. */
export type Totals = Map<string, { bytes: number; rejects: number }>;

/**
 * Compares, at any moment, the counters, the frozen chunks that are not counted and the pages that no freeze has taken
 * with the batches: together they hold each acknowledged batch once, and each other batch at most once.
 *
 * @param acknowledged the totals of the batches that were answered
 * @param others the totals of the batches that were attempted and not answered
 * @param completed the dedup tokens of the batches that are completely counted
 */
export function balanceViolations(
  acknowledged: Totals,
  others: Totals,
  counters: ReadonlyMap<string, Counter>,
  journal: MemoryJournal,
  completed: ReadonlySet<string>,
): string[] {
  const sums: Totals = new Map();
  for (const [pk, { bytes, rejects }] of counters) {
    if (pk.startsWith('pair#')) addTotals(sums, pk, Number(bytes), rejects);
  }
  for (const [name, stored] of journal.lanes) {
    const [lanes = 0, number = 0] = name.split('.').map(Number);
    addChunks(sums, { lanes, number }, stored, counters, completed);
    addPages(sums, stored, journal.seed);
  }
  return [...new Set([...sums.keys(), ...acknowledged.keys()])].flatMap((pk) => {
    const [sum, least, more] = [sums, acknowledged, others].map((totals) => totals.get(pk) ?? none) as [Sum, Sum, Sum];
    return (['bytes', 'rejects'] as const).flatMap((name) => {
      const isBalanced = sum[name] >= least[name] && sum[name] <= least[name] + more[name];
      const expected = `${least[name]} to ${least[name] + more[name]}`;
      return isBalanced ? [] : `${pk} has ${name} ${sum[name]} in items, chunks and pages, expected ${expected}`;
    });
  });
}

type Sum = { readonly bytes: number; readonly rejects: number };

const none: Sum = { bytes: 0, rejects: 0 };

/** Adds to the totals of a pair. */
export function addTotals(totals: Totals, pk: string, bytes: number, rejects: number): void {
  const before = totals.get(pk) ?? none;
  totals.set(pk, { bytes: before.bytes + bytes, rejects: before.rejects + rejects });
}

function addChunks(
  sums: Totals,
  lane: Lane,
  { state, chunks }: StoredLane,
  counters: ReadonlyMap<string, Counter>,
  completed: ReadonlySet<string>,
): void {
  for (let index = state.applied; index < state.chunks; index += 1) {
    const batch = chunkBatch(lane, state, index);
    const stored = chunks.get(`${nameOf(state.freeze)} ${index}`);
    if (!stored || completed.has(batch.dedupToken)) continue;
    for (const { key, part, totals } of deltasOf(unpackPage(stored.bytes))) {
      const counter = counters.get(key.pk);
      if (!totals || (counter && hasCounted(counter, partToken(batch.dedupToken, part), batch.arrival))) continue;
      addTotals(sums, key.pk, Number(totals.bytes), totals.rejects);
    }
  }
}

/** Adds the pages that the next freeze may take, each part of a batch once. */
function addPages(sums: Totals, { state, pages, taken }: StoredLane, seed: string): void {
  const parts = new Map<string, number>();
  for (let freeze = state.freeze; freeze.number > 0; ) {
    const one = taken.get(nameOf(freeze));
    if (!one) break;
    for (const [batch, some] of one.parts) parts.set(batch, (parts.get(batch) ?? 0) | some);
    freeze = one.previous.freeze;
  }
  const { from } = intakeInterval(state, 0);
  for (const page of pages.values()) {
    const left = page.parts & ~(parts.get(page.batch) ?? 0);
    if (left === 0 || page.putAt < from) continue;
    parts.set(page.batch, (parts.get(page.batch) ?? 0) | left);
    for (const { key, totals } of deltasOf(unpackPage(page.bytes))) {
      if (totals && (left & partOf(key.pk, seed)) !== 0) addTotals(sums, key.pk, Number(totals.bytes), totals.rejects);
    }
  }
}

function nameOf({ number, attempt }: FreezeId): string {
  return `${number}#${attempt}`;
}
