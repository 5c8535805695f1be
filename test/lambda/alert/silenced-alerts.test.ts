import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import type { CounterStore } from '../../../lambda/count/counter-store.ts';
import { transform } from '../../../lambda/pipeline.ts';
import { epoch, eventOf, lineOf, v2 } from '../../support/flows.ts';
import { RecordingPorts } from '../../support/recording-ports.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';
import { byTier } from '../../support/tier.ts';

const rules = rulesOf(
  ruleText(
    '{action: REJECT}',
    'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2}',
    'alert: {suppress: 6h, escalate: [2, 4, 8, 16, 90]}',
  ),
);
const pk = 'pair#10.0.1.5#10.0.2.7';
const signal = new AbortController().signal;

/** The function on a memory store that yields before each call, so that concurrent invocations interleave. */
class Bench extends RecordingPorts {
  readonly store = new MemoryCounterStore(rules.series);
  /** Called before each call to the store. */
  before: () => void = () => {};
  readonly #alertState = new MemoryAlertStateStore();

  async send(count: number, seconds: number): Promise<void> {
    const time = { start: epoch + seconds, end: epoch + seconds };
    const lines = Array.from({ length: count }, (_, n) => lineOf({ action: 'REJECT', srcport: n, ...time }));
    const { store } = this;
    const turn = async () => {
      await Promise.resolve();
      this.before();
    };
    const counters: CounterStore = {
      hasStarted: (batch) => turn().then(() => store.hasStarted(batch)),
      begin: (batch) => turn().then(() => store.begin(batch)),
      complete: (batch) => turn().then(() => store.complete(batch)),
      add: (delta, batch) => turn().then(() => store.add(delta, batch)),
      claim: (key, record, replaces, observed) => turn().then(() => store.claim(key, record, replaces, observed)),
      markSent: (key, record) => turn().then(() => store.markSent(key, record)),
      recordSuppression: (key, record, token) => turn().then(() => store.recordSuppression(key, record, token)),
      read: (key) => turn().then(() => store.read(key)),
      readAll: (keys) => turn().then(() => store.readAll(keys)),
    };
    await transform(
      eventOf(lines, epoch + seconds + 60),
      { formats: [v2], rules, messages: { perBatch: 1000, perMinute: 1000 } },
      {
        counters,
        alertState: this.#alertState,
        alerts: this.alerts,
        log: this.log,
        deadline: signal,
        closing: signal,
      },
    );
  }
}

describe('sendAlerts, with a silence during concurrent batches', () => {
  it('claims no alert after the silence, sends each alert claimed before, and loses no count', async () => {
    const batch = fc.record({ count: fc.integer({ min: 1, max: 12 }), seconds: fc.integer({ min: 1, max: 900 }) });
    const schedule = fc.record({
      batches: fc.uniqueArray(batch, {
        minLength: 1,
        maxLength: 5,
        selector: ({ count, seconds }) => `${count} ${seconds}`,
      }),
      at: fc.integer({ min: 0, max: 25 }),
    });
    const runs = { withAlerts: 0, withSuppressions: 0 };
    await fc.assert(
      fc.asyncProperty(schedule, async ({ batches, at }) => {
        const bench = new Bench();
        await bench.send(2, 0);
        let calls = 0;
        let claimedBefore: string[] | undefined;
        const claimed = async () => (await bench.store.read(pk))!.alertRecords.map(({ id }) => id);
        const silence = { rule: 'rule_0', reason: 'x', since: epoch, until: epoch + 3600 };
        bench.before = () => {
          if (calls === at) {
            const { alertRecords } = bench.store.counters.get(pk)!;
            claimedBefore = alertRecords.map(({ id }) => id);
            void bench.store.silence(pk, silence);
          }
          calls += 1;
        };
        await Promise.all(batches.map(({ count, seconds }) => bench.send(count, seconds)));
        const counter = (await bench.store.read(pk))!;
        expect(counter.rejects).toBe(2 + batches.reduce((sum, { count }) => sum + count, 0));
        expect(new Set(bench.sent.map(({ id }) => id))).toEqual(new Set(await claimed()));
        expect(counter.alertRecords.every(({ sent }) => sent)).toBe(true);
        if (!claimedBefore) return;
        expect((await claimed()).toSorted()).toEqual(claimedBefore.toSorted());
        expect(counter.silences.get('rule_0')).toEqual(silence);
        const suppressed = bench.reports.reduce((sum, { alertsSuppressed }) => sum + alertsSuppressed, 0);
        runs.withSuppressions += suppressed > 0 ? 1 : 0;
        runs.withAlerts += claimedBefore.length > 1 ? 1 : 0;
        const before = bench.sent.length;
        await bench.send(100, 3599);
        expect(bench.sent).toHaveLength(before);
        await bench.send(100, 3600);
        expect(bench.sent.slice(before).map(({ body }) => (JSON.parse(body) as AlertBody).multiple)).toEqual([90]);
      }),
      { numRuns: byTier(50, 200) },
    );
    expect(Math.min(runs.withAlerts, runs.withSuppressions)).toBeGreaterThan(0);
  });
});
