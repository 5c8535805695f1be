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
/** The start of the first attempt of a batch. */
const first = { isRetry: false, isCounted: false };
const nothing = { findings: [], suppressions: [], pendingElsewhere: [] };
const deadline = new AbortController().signal;

describe('countBatch', () => {
  it('starts no further update after a failure, and rejects when those in flight have settled', async () => {
    const store = new MemoryCounterStore(rules.series);
    const inFlight: ((counter: Counter) => void)[] = [];
    let started = 0;
    const counters = Object.assign(Object.create(store) as MemoryCounterStore, {
      add: () => {
        started += 1;
        if (started === 10) return Promise.reject(new Error('the table failed'));
        return new Promise<Counter>((resolve) => inFlight.push(resolve));
      },
    });
    let isSettled = false;
    const counted = countBatch(deltas, batch, first, { counters, deadline }, () => nothing).finally(() => {
      isSettled = true;
    });
    counted.catch(() => {});
    await setImmediate();
    const startedBefore = started;
    for (const end of inFlight) {
      expect(isSettled).toBe(false);
      end({} as Counter);
      await setImmediate();
    }
    await expect(counted).rejects.toThrow('the table failed');
    expect(started).toBe(startedBefore);
    expect(started).toBeLessThan(deltas.length);
  });

  it('evaluates the stored counters, and adds nothing, when a batch is completely counted already', async () => {
    const store = new MemoryCounterStore(rules.series);
    const ports = { counters: store, deadline };
    await countBatch(deltas, batch, await store.begin(batch), ports, () => nothing);
    const before = new Map(store.counters);
    const evaluated: Counter[] = [];
    await countBatch(deltas, batch, await store.begin(batch), ports, (updates) => {
      evaluated.push(...updates.map(({ counter }) => counter));
      return nothing;
    });
    expect(evaluated).toEqual([...before.values()]);
    expect(store.counters).toEqual(before);
  });
});
