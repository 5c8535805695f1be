import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { countBatch } from '../../../lambda/count/count-batch.ts';
import { KnownSlots } from '../../../lambda/count/known-slots.ts';
import type { Counter } from '../../../lambda/counters/counter.ts';
import { isPair } from '../../../lambda/counters/counter-key.ts';
import type { KeyDelta } from '../../../lambda/counters/delta.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

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

  it('evaluates the later parts of a counter alone when its first part is known', async () => {
    const parts = [deltas[0]!, deltas[1]!, { ...deltas[1]!, part: 1 }, { ...deltas[2]!, part: 1 }, deltas[3]!];
    const isKnown = (delta: KeyDelta) => delta === parts[0] || delta === parts[1];
    const knownSlots = Object.assign(new KnownSlots(rules.series), { isKnown });
    for (const isInPlace of [true, false]) {
      const counters = new MemoryCounterStore(rules.series, { isInPlace });
      const start = await counters.begin(batch);
      const evaluate = (updates: readonly { delta: KeyDelta }[]) => updates.map(({ delta }) => delta);
      const evaluated = await countBatch(parts, batch, start, { counters, knownSlots, deadline }, evaluate);
      expect(evaluated).toEqual([[parts[2]], [parts[3]], [parts[4]]]);
    }
  });

  describe('with series of presence', () => {
    const presence = rulesOf(
      ruleText(
        '{protocol: 6}',
        'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 12}',
        'flow_sentinel: {active_slots: {gte: 12}}',
      ),
    );
    const touches = deltasOf([{ flow: flowOf(), arrival: epoch }], presence);
    const later = { dedupToken: 'BBBBBBBB', arrival: epoch + 60 };

    /** Counts the flow in two batches; returns the keys that the second evaluates and adds to. */
    async function secondBatch(start: typeof first, isRemembered: boolean) {
      const store = new MemoryCounterStore(presence.series);
      const knownSlots = new KnownSlots(presence.series);
      const ports = { counters: store, knownSlots, deadline };
      await countBatch(touches, batch, first, ports, () => nothing);
      if (isRemembered) knownSlots.remember(touches);
      const done = { evaluated: [] as string[], added: [] as string[] };
      const counters = delegatingStore(store, {
        add(delta, of) {
          done.added.push(kindOf(delta));
          return store.add(delta, of);
        },
      });
      await countBatch(touches, later, start, { counters, knownSlots, deadline }, (updates) => {
        done.evaluated.push(...updates.map(({ delta }) => kindOf(delta)));
        return nothing;
      });
      return done;
    }

    const kindOf = ({ key }: KeyDelta) => (isPair(key) ? 'pair' : 'group');

    it('leaves out an update when its slot is known', async () => {
      expect(await secondBatch(first, true)).toEqual({ evaluated: ['pair'], added: ['pair'] });
    });

    it('evaluates a stored counter, and adds nothing, when it has the slot', async () => {
      expect(await secondBatch(first, false)).toEqual({ evaluated: ['group', 'pair'], added: ['pair'] });
    });

    it('adds the update when the read of its counter fails', async () => {
      const store = new MemoryCounterStore(presence.series);
      const counters = delegatingStore(store, {
        readAll: () => Promise.reject(new Error('the table is throttled')),
      });
      const ports = { counters, knownSlots: new KnownSlots(presence.series), deadline };
      const evaluated: string[] = [];
      await countBatch(touches, batch, first, ports, (updates) => {
        evaluated.push(...updates.map(({ delta }) => kindOf(delta)));
        return nothing;
      });
      expect(evaluated.sort()).toEqual(['group', 'pair']);
      expect(store.counters.size).toBe(2);
    });

    it('evaluates each counter of a retry, since an earlier attempt may have claimed an alert', async () => {
      const retry = { isRetry: true, isCounted: false };
      expect(await secondBatch(retry, true)).toEqual({ evaluated: ['group', 'pair'], added: ['pair'] });
    });
  });
});
