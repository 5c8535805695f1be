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
    it('grants batches of a minute as many pairs as the budget has, over all processes', async () => {
      const minute = freshMinute();
      const grants: number[] = [];
      for (const wanted of [40, 50, 30, 5]) grants.push(await open(100).grant(batchIn(minute), wanted, signal));
      expect(grants).toEqual([40, 50, 10, 0]);
    });

    it('grants no more than the budget when batches ask at once', async () => {
      const minute = freshMinute();
      const grants = await Promise.all(Array.from({ length: 12 }, () => open(100).grant(batchIn(minute), 30, signal)));
      expect(grants.reduce((sum, one) => sum + one, 0)).toBe(100);
    });

    it('has another budget for each minute', async () => {
      const minute = freshMinute();
      expect(await open(100).grant(batchIn(minute), 100, signal)).toBe(100);
      expect(await open(100).grant(batchIn(minute + 1), 100, signal)).toBe(100);
    });

    it('grants each attempt of a batch what the first one got, when the budget is used up and in another minute', async () => {
      const minute = freshMinute();
      const [full, part] = [batchIn(minute), batchIn(minute)];
      expect(await open(100).grant(full, 70, signal)).toBe(70);
      expect(await open(100).grant(part, 70, signal)).toBe(30);
      expect(await open(100).grant(full, 70, signal)).toBe(70);
      expect(await open(100).grant({ ...part, arrival: part.arrival + 120 }, 70, signal)).toBe(30);
      expect(await open(1000).grant(part, 70, signal)).toBe(30);
    });

    it('grants two attempts that run at once the same number', async () => {
      const minute = freshMinute();
      const batch = batchIn(minute);
      const grants = await Promise.all(Array.from({ length: 6 }, () => open(100).grant(batch, 80, signal)));
      expect(new Set(grants).size).toBe(1);
    });
  });
}
