import { describe, expect, it } from 'vitest';
import { MemoryAlertStateStore } from '../../../emulators/memory-alert-state-store.ts';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { placesOfRule, queueCapacity } from '../../../lambda/alert/alert-state-store.ts';
import { capsOf } from '../../../lambda/alert/message-allowance.ts';
import type { MessageLimits } from '../../../lambda/alert/messages.ts';
import { chunked } from '../../../lambda/common/chunked.ts';
import { defaultMessages } from '../../../lambda/config.ts';
import { transform } from '../../../lambda/pipeline.ts';
import type { BatchReport } from '../../../lambda/telemetry/batch-report.ts';
import { epoch, eventOf, lineOf, v2 } from '../../support/flows.ts';
import { fewRules } from '../../support/rules.ts';

/** The function with shipped rules on stores in memory. */
class Bench {
  readonly alertState = new MemoryAlertStateStore();
  readonly sent: AlertBody[] = [];
  readonly reports: BatchReport[] = [];
  readonly messages: MessageLimits;
  /** Called after each call to the topic. */
  published: () => void = () => {};
  readonly #counters = new MemoryCounterStore(fewRules.series);

  constructor(messages: MessageLimits = defaultMessages) {
    this.messages = messages;
  }

  async send(lines: readonly string[], arrival: number, deadline = new AbortController().signal): Promise<void> {
    await transform(
      eventOf(lines, arrival),
      { formats: [v2], rules: fewRules, messages: this.messages },
      {
        counters: this.#counters,
        alertState: this.alertState,
        alerts: {
          publish: async (alerts) => {
            this.sent.push(...alerts.map(({ body }) => JSON.parse(body) as AlertBody));
            this.published();
            return { published: new Set(alerts), problems: [] };
          },
        },
        log: { report: (report) => void this.reports.push(report), alert() {} },
        deadline,
        closing: new AbortController().signal,
      },
    );
  }

  /** Returns the sums of the batches that live alerts suppressed, by rule. */
  async suppressedCounts(): Promise<Map<string, number>> {
    const records = [...this.#counters.counters.values()].flatMap(({ alertRecords }) => alertRecords);
    const byRule = Map.groupBy(records, ({ rule }) => rule);
    return new Map([...byRule].map(([rule, all]) => [rule, all.reduce((sum, one) => sum + one.suppressedCount, 0)]));
  }

  levels(from = 0): string[] {
    return this.sent.slice(from).map(({ level }) => level);
  }
}

/** A minute's beginning, in epoch seconds. */
const minute = epoch + 120;

/** Returns the rejects of sources, eleven each, which raise one alert of level medium each. */
const rejects = (sources: number) =>
  Array.from({ length: sources }, (_, n) =>
    Array.from({ length: 11 }, (_, port) =>
      lineOf({ action: 'REJECT', srcaddr: `203.1.${n >> 8}.${n & 255}`, srcport: 40_000 + port }),
    ),
  ).flat();

/** Returns flows that raise one alert of level high each. */
const exfiltrations = (count: number, first = 0) =>
  Array.from({ length: count }, (_, n) => lineOf({ dstaddr: `198.18.0.${first + n}`, bytes: 150_000_000 }));

const quietLine = (seconds: number) => lineOf({ start: minute + seconds, end: minute + seconds, dstaddr: '10.0.2.9' });

/** Sends 11,660 rejects of 1,060 sources in one minute, in batches without a digest. */
async function flood(bench: Bench): Promise<void> {
  for (const lines of chunked(rejects(1060), 110)) await bench.send(lines, minute + 7);
}

/** Of the 36 messages for levels up to medium, three batches take 30. The fourth batch reserves 6 and sends a digest. */
const messagesOfFlood = 31;
const alertsOfFlood = 40;

describe('alerts of several levels', () => {
  it('sends an alert of level high in its minute when 1,060 spoofed sources have raised alerts before', async () => {
    const bench = new Bench();
    await flood(bench);
    expect(bench.sent).toHaveLength(messagesOfFlood);
    await bench.send(exfiltrations(1), minute + 12);
    expect(bench.levels(messagesOfFlood)).toEqual(['high']);
    expect(bench.sent.at(-1)?.rule).toBe('data_exfiltration');
  });

  it('lists an alert of level high over its limit, and sends the alert first in the next minute', async () => {
    const bench = new Bench();
    await flood(bench);
    const unlisted = bench.reports.reduce((sum, { alertsUnlisted }) => sum + alertsUnlisted, 0);
    const places = queueCapacity + placesOfRule;
    expect(bench.alertState.pendingCount).toBe(places);
    expect(unlisted).toBe(1060 - alertsOfFlood - places);
    for (const number of [0, 1, 2, 3]) await bench.send(exfiltrations(5, 5 * number), minute + 12 + number);
    expect(bench.reports.at(-1)).toMatchObject({ alertsDeferred: 5, alertsUnlisted: 0, severeAlertsWaiting: 5 });
    const before = bench.sent.length;
    await bench.send([quietLine(80)], minute + 80);
    expect(bench.levels(before)).toEqual([...new Array<string>(5).fill('high'), 'medium']);
    expect(bench.sent.at(-1)).toMatchObject({ digest: { alerts: 20 } });
    expect(bench.reports.at(-1)).toMatchObject({ severeAlertsWaiting: 0, alertsWaiting: places - 20 });
  });

  it('sends the most severe alerts of a batch when the batch may send fewer messages', async () => {
    const bench = new Bench({ perBatch: 1, perMinute: 60 });
    await bench.send([...rejects(3), ...exfiltrations(2)], minute);
    expect(bench.sent).toMatchObject([{ level: 'high', digest: { alerts: 2 } }]);
    expect(bench.reports).toMatchObject([{ alertsDeferred: 3, severeAlertsWaiting: 0 }]);
  });

  it('counts the suppressions of the most severe alerts when a batch has more than it records', async () => {
    const bench = new Bench();
    await bench.send([...rejects(150), ...exfiltrations(1)], minute);
    await bench.send([...rejects(150), lineOf({ dstaddr: '198.18.0.0' })], minute + 1);
    const suppressed = await bench.suppressedCounts();
    expect(suppressed.get('data_exfiltration')).toBe(1);
    expect(suppressed.get('repeated_rejects')).toBe(99);
  });

  it('sends an alert of level high when a queue cannot be shortened', async () => {
    const bench = new Bench({ perBatch: 1, perMinute: 60 });
    await bench.send([...rejects(1), ...exfiltrations(1)], minute);
    await bench.send([quietLine(60)], minute + 60);
    expect(bench.levels()).toEqual(['high', 'medium']);
    const { cancel } = bench.alertState;
    bench.alertState.cancel = () => Promise.reject(new Error('throttled'));
    await bench.send(exfiltrations(1, 1), minute + 120);
    expect(bench.levels(2)).toEqual(['high']);
    expect(bench.alertState.pendingCount).toBe(1);
    bench.alertState.cancel = cancel;
    await bench.send([quietLine(180)], minute + 180);
    expect(bench.alertState.pendingCount).toBe(0);
  });

  it('has sent the most severe alerts when the deadline comes after the first message', async () => {
    const bench = new Bench();
    const deadline = new AbortController();
    bench.published = () => deadline.abort();
    await expect(bench.send([...rejects(3), ...exfiltrations(1)], minute, deadline.signal)).rejects.toThrow('deadline');
    expect(bench.levels()).toEqual(['high']);
    bench.published = () => {};
    await bench.send([...rejects(3), ...exfiltrations(1)], minute);
    expect(bench.levels()).toEqual(['high', 'medium', 'medium', 'medium']);
  });

  it('adds nothing to a queue when a deferred alert is deferred again', async () => {
    const bench = new Bench({ perBatch: 1000, perMinute: 5 });
    await bench.send(rejects(3), minute);
    for (let n = 0; n < 3; n += 1) await bench.send(rejects(3 + n + 1).slice(11 * (3 + n)), minute + n);
    const queued = bench.alertState.pendingCount;
    expect(queued).toBeGreaterThan(0);
    for (let later = 1; later <= 5; later += 1) {
      // Other alerts of the level take the messages of each minute before the queue is read again.
      bench.alertState.reserveMessages((minute + 60 * later) / 60, { ...capsOf(5), medium: 9 }, 5);
      await bench.send([quietLine(60 * later)], minute + 60 * later);
      expect(bench.alertState.pendingCount).toBe(queued);
    }
  });
});
