import { describe, expect, it } from 'vitest';
import { delegatingStore } from '../../../emulators/delegating-store.ts';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import { MemoryRefusedPairBudget } from '../../../emulators/memory-refused-pair-budget.ts';
import { exemptPairs, type RefusedPairBudget, refusedLimits } from '../../../lambda/count/refused-pair-budget.ts';
import { transform } from '../../../lambda/pipeline.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { epoch, eventOf, lineOf, v2 } from '../../support/flows.ts';
import { RecordingPorts } from '../../support/recording-ports.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const signal = new AbortController().signal;
const unlimited = { pairs: Number.POSITIVE_INFINITY, groups: Number.POSITIVE_INFINITY };
const batch = { dedupToken: 'AAAAAAAA', arrival: epoch };

/** A budget that grants a number, and records what was wanted. */
function budgetOf(perMinute: number, granted: number) {
  const wanted: number[] = [];
  const refusedPairs: RefusedPairBudget = {
    perMinute,
    reserve: async (_, count) => {
      wanted.push(count);
      return granted;
    },
    settle: async (_, proposed) => proposed,
  };
  return { wanted, ports: { refusedPairs, deadline: signal } };
}

describe('refusedLimits', () => {
  it('asks for no grant when a batch has few refused pairs and groups, or there is no budget', async () => {
    const { wanted, ports } = budgetOf(20_000, 0);
    expect(exemptPairs(20_000)).toBe(64);
    expect(await refusedLimits({ pairs: 64, groups: 64 }, batch, false, 'networks', ports)).toEqual(unlimited);
    expect(await refusedLimits({ pairs: 9999, groups: 0 }, batch, false, 'networks', { deadline: signal })).toEqual(
      unlimited,
    );
    expect(wanted).toEqual([]);
  });

  it('asks for as many as the batch has pairs or groups, and limits both to the grant', async () => {
    const { wanted, ports } = budgetOf(20_000, 100);
    expect(await refusedLimits({ pairs: 500, groups: 20 }, batch, false, 'networks', ports)).toEqual({
      pairs: 100,
      groups: 100,
    });
    expect(await refusedLimits({ pairs: 65, groups: 700 }, batch, false, 'networks', ports)).toEqual({
      pairs: 100,
      groups: 100,
    });
    expect(wanted).toEqual([500, 700]);
  });

  it('leaves few pairs exact when only the groups need a grant, which an attempt may have and another not', async () => {
    const { ports } = budgetOf(20_000, 3);
    expect(await refusedLimits({ pairs: 64, groups: 700 }, batch, false, 'networks', ports)).toEqual({
      pairs: 64,
      groups: 64,
    });
  });

  it('repeats the stored choice at a retry, and counts every pair when none is stored', async () => {
    const refusedPairs = new MemoryRefusedPairBudget(100);
    const ports = { refusedPairs, deadline: signal };
    const limits = (token: string, isRetry: boolean, pairs: number) =>
      refusedLimits({ pairs, groups: 0 }, { ...batch, dedupToken: token }, isRetry, 'networks', ports);
    expect(await limits('first', false, 500)).toEqual({ pairs: 100, groups: 100 });
    expect(await limits('first', true, 500)).toEqual({ pairs: 100, groups: 100 });
    expect(await limits('first', true, 20)).toEqual({ pairs: 100, groups: 100 });
    expect(await limits('other', true, 500)).toEqual(unlimited);
    expect(await limits('other', false, 500)).toEqual(unlimited);
  });

  it('refuses a retry when the inside networks have changed since pairs were counted together', async () => {
    const refusedPairs = new MemoryRefusedPairBudget(100);
    const ports = { refusedPairs, deadline: signal };
    const limits = (token: string, networks: string, pairs: number) =>
      refusedLimits({ pairs, groups: 0 }, { ...batch, dedupToken: token }, networks === 'later', networks, ports);
    await limits('exact', 'earlier', 90);
    expect(await limits('exact', 'later', 500)).toEqual(unlimited);
    await limits('together', 'earlier', 500);
    await expect(limits('together', 'later', 0)).rejects.toThrow('the internal or monitored networks have changed');
  });

  it('exempts at most a 256th of a small budget', () => {
    expect([1, 255, 256, 1000, 16_384, 10_000_000].map(exemptPairs)).toEqual([0, 0, 1, 3, 64, 64]);
  });
});

const rules: LoadedRules = {
  ...rulesOf(
    ruleText('{action: REJECT}', 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gt: 50}'),
  ),
  insideNetworks: [{ groups: [0x0a00, 0], length: 8 }],
};

/** The function on a memory store that fails after some updates. */
class Bench extends RecordingPorts {
  readonly store = new MemoryCounterStore(rules.series);
  readonly #budget: RefusedPairBudget;
  readonly #alertState = new MemoryAlertStateStore();

  constructor(budget: RefusedPairBudget) {
    super();
    this.#budget = budget;
  }

  /** Sends rejected flows of other sources to one target. */
  async send(first: number, count: number, failAfter = Number.POSITIVE_INFINITY, present = rules): Promise<void> {
    const lines = Array.from({ length: count }, (_, n) =>
      lineOf({ srcaddr: `198.18.${(first + n) >> 8}.${(first + n) & 255}`, dstport: 22, action: 'REJECT' }),
    );
    let updates = 0;
    const counters = delegatingStore(this.store, {
      add: async (delta, ofBatch) => {
        updates += 1;
        if (updates > failAfter) throw new Error('the store failed');
        return this.store.add(delta, ofBatch);
      },
    });
    await transform(
      eventOf(lines),
      { formats: [v2], rules: present, messages: { perBatch: 20, perMinute: 60 } },
      {
        counters,
        refusedPairs: this.#budget,
        alertState: this.#alertState,
        alerts: this.alerts,
        log: this.log,
        deadline: signal,
        closing: signal,
      },
    );
  }

  get rejects(): number {
    return [...this.store.counters.values()].reduce((sum, { rejects }) => sum + rejects, 0);
  }
}

describe('the function with a budget of refused pairs', () => {
  it('counts each pair exactly until the budget is used up, then all others together', async () => {
    const bench = new Bench(new MemoryRefusedPairBudget(150));
    await bench.send(0, 100);
    await bench.send(1000, 100);
    await bench.send(2000, 100);
    expect(bench.reports.map(({ overflowPairs, countersTouched }) => [overflowPairs, countersTouched])).toEqual([
      [0, 100],
      [50, 51],
      [100, 1],
    ]);
    expect(bench.rejects).toBe(300);
    expect(bench.store.counters.get('pair#*:22#10.0.2.7')).toMatchObject({ rejects: 150 });
  });

  it('alerts on the target with the number of pairs that were counted together', async () => {
    const bench = new Bench(new MemoryRefusedPairBudget(1));
    await bench.send(0, 60);
    const alerts = bench.sent.map(({ body }) => JSON.parse(body));
    expect(alerts).toMatchObject([{ key: { srcaddr: '*:22', dstaddr: '10.0.2.7' }, value: 59, collapsedPairs: 59 }]);
  });

  it('counts each reject once when an attempt fails and others use up the budget before the next attempt', async () => {
    const bench = new Bench(new MemoryRefusedPairBudget(100));
    await expect(bench.send(0, 80, 40)).rejects.toThrow('the store failed');
    await bench.send(1000, 80);
    await bench.send(0, 80);
    expect(bench.rejects).toBe(160);
    expect(bench.store.counters.get('pair#198.18.0.79#10.0.2.7')).toMatchObject({ rejects: 1 });
  });

  it('counts each reject once when networks and budget change between two attempts', async () => {
    const others: LoadedRules = { ...rules, insideNetworks: [{ groups: [0xc612, 0], length: 15 }] };
    for (const [before, after] of [
      [rules, others],
      [others, rules],
    ] as const) {
      const shared = new MemoryRefusedPairBudget(20_000);
      const bench = new Bench(shared);
      await expect(bench.send(0, 60, 50, before)).rejects.toThrow('the store failed');
      Object.assign(shared, { perMinute: 256 });
      await bench.send(0, 60, Number.POSITIVE_INFINITY, after);
      expect(bench.rejects).toBe(60);
    }
  });
});
