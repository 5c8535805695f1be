import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delegatingStore } from '../../emulators/delegating-store.ts';
import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../emulators/memory-counter-store.ts';
import type { AlertBody } from '../../lambda/alert/alert-body.ts';
import type { AlertPublisher } from '../../lambda/alert/alert-publisher.ts';
import type { MessageLimits } from '../../lambda/alert/messages.ts';
import { defaultMessages } from '../../lambda/config.ts';
import { KnownSlots } from '../../lambda/count/known-slots.ts';
import type { Counter } from '../../lambda/counters/counter.ts';
import { isPair } from '../../lambda/counters/counter-key.ts';
import { transform } from '../../lambda/pipeline.ts';
import { epoch, eventOf, lineOf, v2 } from '../support/flows.ts';
import { RecordingPorts } from '../support/recording-ports.ts';
import { rulesOf, ruleText } from '../support/rules.ts';

const inUse = ruleText(
  '{protocol: 6}',
  'type: event_count, group-by: [interface-id], timespan: 5h, condition: {gte: 4}',
  'flow_sentinel: {active_slots: {gte: 4}}\nalert: {suppress: 1h}',
);
const silent = `
title: Traffic
name: traffic
logsource: {product: aws, service: vpcflow}
detection: {ok: {log-status: OK}, condition: ok}
---
title: No traffic
name: no_traffic
logsource: {product: aws, service: vpcflow}
detection: {none: {log-status: NODATA}, condition: none}
---
title: Silent
level: low
correlation: {type: event_count, rules: [traffic], group-by: [interface-id], timespan: 5h, condition: {gte: 3}}
flow_sentinel: {active_slots: {gte: 3}, silent: {for: 1h, while: no_traffic}}
`;
const rules = rulesOf(inUse, silent);

/** A batch of one process, with a flow or an interval without traffic of each named interface. */
interface SentBatch {
  readonly process: number;
  readonly minutes: number;
  readonly flows: readonly { readonly interfaceId: string; readonly isQuiet: boolean; readonly lateMinutes: number }[];
  /** Whether the alert step of the first attempt fails, so that another process retries the batch. */
  readonly isRetried: boolean;
}

const anyBatch: fc.Arbitrary<SentBatch> = fc.record({
  process: fc.nat({ max: 2 }),
  minutes: fc.nat({ max: 9 }),
  flows: fc.array(
    fc.record({
      interfaceId: fc.constantFrom('eni-00000000000000001', 'eni-00000000000000002'),
      isQuiet: fc.boolean(),
      lateMinutes: fc.constantFrom(0, 0, 0, 5, 20),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  isRetried: fc.boolean(),
});

/** Three processes of the function with the same table, and what they did. */
function world(remembers: boolean, messages: MessageLimits = defaultMessages) {
  const store = new MemoryCounterStore(rules.series);
  const alertState = new MemoryAlertStateStore();
  const signal = new AbortController().signal;
  const done = { updates: 0, reads: 0, isTopicDown: false };
  const { sent, alerts, log } = new RecordingPorts();
  const processes = [0, 1, 2].map(() => {
    const own = store.newProcess();
    return {
      counters: delegatingStore(own, {
        add(delta, batch) {
          if (!isPair(delta.key)) done.updates += 1;
          return own.add(delta, batch);
        },
        readAll(pks, _, consistency) {
          if (consistency === 'eventual') done.reads += pks.length;
          return own.readAll(pks);
        },
      }),
      ...(remembers && { knownSlots: new KnownSlots(rules.series) }),
      alertState,
      alerts: {
        publish: async (...call) =>
          done.isTopicDown
            ? { published: new Set(), problems: ['the topic does not answer'] }
            : alerts.publish(...call),
      } satisfies AlertPublisher,
      log,
      deadline: signal,
      closing: signal,
    };
  });
  const send = (process: number, lines: readonly string[], minute: number) =>
    transform(eventOf(lines, epoch + minute * 60 + 60), { formats: [v2], rules, messages }, processes[process % 3]!);
  return {
    done,
    send,
    sent: () => sent.map(({ body }) => JSON.parse(body) as AlertBody),
    slots: () => slotsOf(store.counters),
  };
}

/** Returns a line of an interface that ends at a minute. */
function lineAt(minute: number, interfaceId: string, isQuiet = false, srcport = 1000): string {
  const end = epoch + minute * 60;
  const none = { srcaddr: '-', dstaddr: '-', bytes: '-', action: '-', 'log-status': 'NODATA', protocol: '-' };
  return lineOf({ 'interface-id': interfaceId, start: end - 10, end, srcport, ...(isQuiet && none) });
}

/** Sends the batches; returns the alerts, the filled slots of each group, and the number of updates of groups. */
async function run(batches: readonly SentBatch[], remembers: boolean) {
  const { done, send, sent, slots } = world(remembers);
  let minute = 0;
  for (const { process, minutes, flows, isRetried } of batches) {
    minute += 1 + minutes;
    const lines = flows.map(({ interfaceId, isQuiet, lateMinutes }, n) =>
      lineAt(minute - lateMinutes, interfaceId, isQuiet, 1000 + n),
    );
    done.isTopicDown = isRetried;
    const first = send(process, lines, minute);
    await (isRetried ? first.catch(() => {}) : first);
    done.isTopicDown = false;
    if (isRetried) await send(process + 1, lines, minute);
  }
  return { alerts: sent().map(identityOf).sort(), slots: slots(), updates: done.updates };
}

function identityOf({ rule, key, window }: AlertBody): string {
  return JSON.stringify([rule, key, window.to]);
}

function slotsOf(counters: ReadonlyMap<string, Counter>): string[] {
  return [...counters]
    .flatMap(([pk, { slots }]) => [...slots].map(([id, ofSeries]) => `${pk} ${id} ${[...ofSeries.keys()].sort()}`))
    .sort();
}

describe('presence', () => {
  it('has the same slots and raises the same alerts when processes leave out slots that they know', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 10, maxLength: 30 }), async (batches) => {
        const direct = await run(batches, false);
        const remembered = await run(batches, true);
        expect(remembered.slots).toEqual(direct.slots);
        expect(remembered.alerts).toEqual(direct.alerts);
        expect(remembered.updates).toBeLessThanOrEqual(direct.updates);
      }),
    );
  });

  it('writes a slot once when three processes see its flows in every minute', async () => {
    const flows = [{ interfaceId: 'eni-00000000000000001', isQuiet: false, lateMinutes: 0 }];
    const batches = Array.from({ length: 60 }, (_, n) => ({ process: n % 3, minutes: 0, flows, isRetried: false }));
    const { updates, slots } = await run(batches, true);
    const filled = slots.flatMap((line) => line.split(' ').at(-1)!.split(','));
    expect(filled.length).toBeGreaterThan(4);
    expect(updates).toBe(new Set(filled).size);
  });

  it('reads a counter in each batch when its alert is pending', async () => {
    const { done, send, sent } = world(true);
    const host = 'eni-00000000000000001';
    for (const minute of [0, 15, 30]) await send(0, [lineAt(minute, host)], minute);
    done.isTopicDown = true;
    await expect(send(0, [lineAt(45, host)], 45)).rejects.toThrow();
    const before = done.reads;
    await send(1, [lineAt(46, host)], 46).catch(() => {});
    await send(1, [lineAt(47, host)], 47).catch(() => {});
    expect(done.reads).toBe(before + 2);
    done.isTopicDown = false;
    await send(0, [lineAt(45, host)], 45);
    await send(1, [lineAt(48, host)], 48);
    await send(1, [lineAt(49, host)], 49);
    expect(done.reads).toBe(before + 3);
    expect(sent().map(({ rule }) => rule)).toEqual(['rule_0']);
  });

  it('reads a counter in the batch after an alert was deferred', async () => {
    const { done, send, sent } = world(true, { ...defaultMessages, perBatch: 0, perMinute: 0 });
    const host = 'eni-00000000000000001';
    for (const minute of [0, 15, 30, 45]) await send(0, [lineAt(minute, host)], minute);
    const before = done.reads;
    await send(0, [lineAt(46, host)], 46);
    expect(sent()).toEqual([]);
    expect(done.reads).toBe(before + 1);
  });
});
