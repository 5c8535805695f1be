import { describe, expect, it } from 'vitest';
import type { RefusedPairBudget } from '../../../lambda/count/refused-pair-budget.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';

const signal = new AbortController().signal;
let batches = 0;
let minutes = 29_000_000;

/** Returns another batch; tests share a table, and each has a minute that no other test uses. */
const batchIn = (minute: number, check = 'AAAAAAAA'): Batch => {
  batches += 1;
  return { dedupToken: batches.toString(36).padStart(8, '0'), check, arrival: minute * 60 + 7 };
};
const freshMinute = () => (minutes += 10);

/**
 * The contract of every budget of refused pairs.
 *
 * @param open opens a budget as another process does; all share one state
 */
export function refusedPairBudgetContract(name: string, open: (perMinute: number) => RefusedPairBudget): void {
  describe(`${name} as a budget of refused pairs`, () => {
    const networks = 'networks';

    it('leaves batches of a minute as many pairs as the budget has, over all processes', async () => {
      const minute = freshMinute();
      const left: number[] = [];
      for (const wanted of [40, 50, 30, 5]) left.push(await open(100).reserve(batchIn(minute), wanted, signal));
      expect(left).toEqual([40, 50, 10, 0]);
    });

    it('leaves no more than the budget when batches ask at once', async () => {
      const minute = freshMinute();
      const ask = () => open(100).reserve(batchIn(minute), 30, signal);
      const left = await Promise.all(Array.from({ length: 12 }, ask));
      expect(left.reduce((sum, one) => sum + one, 0)).toBe(100);
    });

    it('has another budget for each minute', async () => {
      const minute = freshMinute();
      expect(await open(100).reserve(batchIn(minute), 100, signal)).toBe(100);
      expect(await open(100).reserve(batchIn(minute + 1), 100, signal)).toBe(100);
    });

    it('returns the first grant to each attempt of a batch', async () => {
      const batch = batchIn(freshMinute());
      const first = { granted: 70, networks };
      expect(await open(100).settle(batch, first, signal)).toEqual(first);
      const later = { ...batch, arrival: batch.arrival + 120 };
      expect(await open(1000).settle(later, { granted: 30, networks: 'others' }, signal)).toEqual(first);
    });

    it('stores one grant when attempts propose several at once', async () => {
      const batch = batchIn(freshMinute());
      const propose = (_: unknown, n: number) => open(100).settle(batch, { granted: n, networks }, signal);
      const grants = await Promise.all(Array.from({ length: 6 }, propose));
      expect(new Set(grants.map(({ granted }) => granted)).size).toBe(1);
    });
  });
}
