import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { ObservedEvent } from '../../lambda/aggregate/event-deltas.ts';
import type { CounterStore } from '../../lambda/count/counter-store.ts';
import { countEvent } from '../../lambda/count-event.ts';
import { countAndEvaluate } from '../../lambda/evaluate/count-and-evaluate.ts';
import { alertOn, type Ports } from '../../lambda/pipeline.ts';
import type { LoadedRules } from '../../lambda/rules/loaded.ts';
import { deltasOf } from '../support/deltas.ts';
import { epoch, flowOf, lineOf } from '../support/flows.ts';
import { JournalInMemory } from '../support/journal-in-memory.ts';
import { call, eventRule, finding, host } from '../support/observed-events.ts';
import { RecordingPorts } from '../support/recording-ports.ts';
import { rulesOf } from '../support/rules.ts';

const never = new AbortController().signal;
const messages = { perBatch: 100, perMinute: 100 };

/** A function with its table: counts events and flows, and keeps what is sent. */
class Bench {
  readonly recording = new RecordingPorts();
  readonly rules: LoadedRules;
  readonly store: CounterStore;
  readonly ports: Ports;
  #batches = 0;

  constructor(rules: LoadedRules, store: CounterStore = new MemoryCounterStore(rules.series)) {
    this.rules = rules;
    this.store = store;
    const { alerts, log } = this.recording;
    const alertState = new MemoryAlertStateStore();
    this.ports = { counters: this.store, alertState, alerts, log, deadline: never, closing: never };
  }

  async event(observed: ObservedEvent, arrival: number): Promise<void> {
    await countEvent(observed, arrival, { rules: this.rules, messages }, this.ports);
  }

  /** Counts a flow that ends at a time, in a batch of its own. */
  async flow(end: number, values: Record<string, string | number> = {}): Promise<void> {
    const arrival = end + 60;
    this.#batches += 1;
    const batch = { dedupToken: `J${String(this.#batches).padStart(7, '0')}`, arrival };
    const deltas = deltasOf([{ flow: flowOf({ start: end, end, ...values }), arrival }], this.rules);
    const start = await this.store.begin(batch, never);
    const { evaluation } = await countAndEvaluate(deltas, batch, start, this.rules, new Map(), this.ports);
    await alertOn(
      evaluation,
      batch,
      { account: undefined, region: undefined },
      { rules: this.rules, messages },
      this.ports,
    );
  }

  get subjects(): string[] {
    return this.recording.sent.map(({ subject }) => subject);
  }
}

const deleted = rulesOf(eventRule('cloudtrail', '{eventName: DeleteFlowLogs}'));

const both = (timespan: string, bytes = 1) =>
  rulesOf(`${eventRule('guardduty', '{severity|gte: 4}', 'finding')}---
title: Flow
name: flow
logsource: {product: aws, service: vpcflow}
detection: {s: {action: ACCEPT}, condition: s}
---
title: Much
name: much
correlation: {type: value_sum, rules: [flow], group-by: [srcaddr], timespan: ${timespan}, condition: {field: bytes, gte: ${bytes}}}
---
title: Finding and much data
level: critical
correlation: {type: temporal, rules: [finding, much], group-by: [host], timespan: ${timespan}, aliases: {host: {finding: flowSentinel.addresses, much: srcaddr}}}
alert: {escalate: []}
`);

describe('countEvent', () => {
  it('alerts on an event that a rule matches, once for each identity', async () => {
    const bench = new Bench(deleted);
    await bench.event(call(), epoch + 30);
    await bench.event(call(), epoch + 90);
    await bench.event(call({}, { awsRegion: 'eu-west-2' }), epoch + 30);
    expect(bench.subjects).toHaveLength(1);
    const counter = [...(bench.store as MemoryCounterStore).counters.values()][0]!;
    expect([...counter.slots.values()].map((slots) => [...slots.values()])).toEqual([[1]]);
  });

  it('counts an update of a finding only when its level has changed', async () => {
    const bench = new Bench(
      rulesOf(
        `${eventRule('guardduty', '{severity|gte: 4}')}---\ntitle: Twice\ncorrelation: {type: event_count, rules: [some_event], group-by: [id], timespan: 1h, condition: {gte: 2}}\n`,
      ),
    );
    await bench.event(finding(), epoch + 60);
    await bench.event(finding({ last: epoch + 1200, updated: epoch + 1200 }), epoch + 7 * 3600);
    expect(bench.subjects).toEqual([]);
    await bench.event(finding({ last: epoch + 1500, level: 'critical' }), epoch + 7 * 3600);
    expect(bench.subjects).toHaveLength(1);
  });

  it('writes nothing for an event that no rule matches', async () => {
    const store = new Proxy({} as CounterStore, {
      get: () => {
        throw new Error('the store is not needed');
      },
    });
    await new Bench(deleted, store).event(call({ event: 'RunInstances' }), epoch);
  });

  it('counts once when an attempt failed after the update', async () => {
    const bench = new Bench(deleted);
    let failures = 1;
    const { complete } = bench.store;
    bench.store.complete = async (batch, signal) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the function was stopped');
      return complete.call(bench.store, batch, signal);
    };
    await expect(bench.event(call(), epoch + 30)).rejects.toThrow('stopped');
    await bench.event(call(), epoch + 30);
    const counter = [...(bench.store as MemoryCounterStore).counters.values()][0]!;
    expect([...counter.slots.values()].map((slots) => [...slots.values()])).toEqual([[1]]);
    expect(bench.subjects).toHaveLength(1);
  });
});

describe('a temporal rule of a finding and flows', () => {
  it('alerts when the finding comes first, and when the flows come first', async () => {
    for (const isFirst of [true, false]) {
      const bench = new Bench(both('1h'));
      if (isFirst) await bench.event(finding(), epoch + 60);
      await bench.flow(epoch + 600);
      if (!isFirst) await bench.event(finding(), epoch + 700);
      expect(bench.subjects).toEqual([expect.stringContaining('CRITICAL: host 10.0.1.5: all 2 steps in 1 h')]);
    }
  });

  it('does not join flows of another host, or an hour and more apart', async () => {
    const bench = new Bench(both('1h'));
    await bench.event(finding(), epoch + 60);
    await bench.flow(epoch + 600, { srcaddr: '10.0.1.6' });
    await bench.flow(epoch + 2 * 3600);
    expect(bench.subjects).toEqual([]);
  });

  it('alerts for each host of a finding', async () => {
    const bench = new Bench(both('1h'));
    const hosts = ['10.0.1.5', '10.0.1.6'].map((address) => ({ ...host, addresses: [address] }));
    for (const { addresses } of hosts) await bench.flow(epoch, { srcaddr: addresses[0]! });
    await bench.event(finding({ hosts }), epoch + 120);
    expect(bench.subjects).toHaveLength(2);
  });

  // The flows go on while the finding is under way: a busy counter is compacted again and again.
  it('alerts on a finding that is six hours late, whatever the flows after it', async () => {
    const compaction = { minParts: 1, headroomBytes: 0, unitBytes: 1, isPacking: true };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(['1h', 3600] as const, ['24h', 86_400] as const),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 6 * 3600 }),
        async ([timespan, seconds], percent, late) => {
          const rules = both(timespan, 500);
          const bench = new Bench(rules, new MemoryCounterStore(rules.series, { compaction }));
          // The only large flow is before the finding, within the timespan.
          await bench.flow(epoch - Math.floor((seconds * percent) / 100), { bytes: 500 });
          for (let after = 60; after < late; after += 900) await bench.flow(epoch + after, { bytes: 1 });
          await bench.event(finding(), epoch + late);
          expect(bench.subjects.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('a temporal rule of a finding and flows in a journal', () => {
  // An event is counted at once, and flows at a flush: whichever comes last evaluates the other.
  it.each([
    [['flow', 'event', 'flush']],
    [['event', 'flow', 'flush']],
    [['flow', 'flush', 'event']],
    [['event', 'flush', 'flow', 'flush']],
  ])('alerts once after %j', async (order) => {
    const rules = both('1h');
    const stack = new JournalInMemory(rules);
    const steps: Record<string, () => Promise<unknown>> = {
      flow: () => stack.put([lineOf({ srcaddr: '10.0.1.5', start: epoch, end: epoch + 50 })]),
      event: () => countEvent(finding(), stack.clock, { rules, messages }, stack.ports),
      flush: () => stack.flush(),
    };
    for (const [index, step] of order.entries()) {
      expect(stack.sent).toHaveLength(0);
      stack.clock = epoch + 120 + index * 300;
      await steps[step]!();
    }
    await stack.flush();
    expect(stack.sent.map(({ subject }) => subject)).toEqual([expect.stringContaining('host 10.0.1.5')]);
  });
});
