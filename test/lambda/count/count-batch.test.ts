import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { countBatch } from '../../../lambda/count/count-batch.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf } from '../../support/rules.ts';

const rules = rulesOf();
const batch = { dedupToken: 'AAAAAAAA', arrival: epoch };
const deltas = deltasOf(
  Array.from({ length: 200 }, (_, n) => ({ flow: flowOf({ dstaddr: `10.2.0.${n}` }), arrival: epoch })),
  rules,
);
const nothing = { findings: [], suppressions: [], pendingElsewhere: [] };
const deadline = new AbortController().signal;

describe('count', () => {
  it('rejects, when an update fails, once none is under way any more, and begins no other', async () => {
    const store = new MemoryCounterStore(rules.series);
    const underWay: ((counter: Counter) => void)[] = [];
    let begun = 0;
    const counters = Object.assign(Object.create(store) as MemoryCounterStore, {
      begin: async () => false,
      add: () => {
        begun += 1;
        if (begun === 10) return Promise.reject(new Error('the table did not take it'));
        return new Promise<Counter>((resolve) => underWay.push(resolve));
      },
    });
    let isOver = false;
    const counted = countBatch(deltas, batch, { counters, deadline }, () => nothing).finally(() => {
      isOver = true;
    });
    counted.catch(() => {});
    await setImmediate();
    const begunBefore = begun;
    for (const end of underWay) {
      expect(isOver).toBe(false);
      end({} as Counter);
      await setImmediate();
    }
    await expect(counted).rejects.toThrow('the table did not take it');
    expect(begun).toBe(begunBefore);
    expect(begun).toBeLessThan(deltas.length);
  });

  it('adds nothing of a batch that was counted in whole, and judges it by the counters as they are', async () => {
    const store = new MemoryCounterStore(rules.series);
    const ports = { counters: store, deadline };
    await countBatch(deltas, batch, ports, () => nothing);
    const before = new Map(store.counters);
    const judged: Counter[] = [];
    await countBatch(deltas, batch, ports, (updates) => {
      judged.push(...updates.map(({ counter }) => counter));
      return nothing;
    });
    expect(judged).toEqual([...before.values()]);
    expect(store.counters).toEqual(before);
  });

  it('does not note a batch that holds nothing to count', async () => {
    const counters = Object.assign(new MemoryCounterStore(rules.series), {
      begin: () => Promise.reject(new Error('asked')),
    });
    expect(await countBatch([], batch, { counters, deadline }, () => nothing)).toEqual([]);
  });
});
