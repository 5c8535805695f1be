import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { ArrivedFlow } from '../../../lambda/aggregate/aggregate.ts';
import type { AlertRecord } from '../../../lambda/counters/alert-record.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';
import type { CountedDelta } from '../../../lambda/counters/delta.ts';
import { observedUntil } from '../../../lambda/counters/silence.ts';
import { evaluate } from '../../../lambda/evaluate/evaluate.ts';
import type { Finding, Suppression } from '../../../lambda/evaluate/finding.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const hour = 3600;
const rejects = (condition: string, alert = '') =>
  rulesOf(
    ruleText(
      '{action: REJECT}',
      `type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {${condition}}`,
      alert,
    ),
  );

/** Counts flows as one batch and judges what comes out; claims of findings are kept as if they had been published. */
class Bench {
  readonly store: MemoryCounterStore;
  readonly rules: LoadedRules;
  readonly heldBack: Suppression[] = [];
  readonly #observedSince: number | undefined;
  #batches = 0;

  constructor(rules: LoadedRules, observedSince?: number) {
    this.rules = rules;
    this.#observedSince = observedSince;
    this.store = new MemoryCounterStore(rules.series);
  }

  async batch(
    flows: readonly ReturnType<typeof flowOf>[],
    { publish = true, batch = this.nextBatch() } = {},
  ): Promise<Finding[]> {
    const arrived: ArrivedFlow[] = flows.map((flow) => ({ flow, arrival: batch.arrival }));
    const findings: Finding[] = [];
    for (const deltas of Map.groupBy(deltasOf(arrived, this.rules), ({ key }) => key.pk).values()) {
      const updates: CountedDelta[] = [];
      for (const delta of deltas) updates.push({ delta, counter: await this.store.add(delta, batch) });
      const judged = evaluate(updates, batch, this.rules, this.#observedSince);
      findings.push(...judged.findings);
      this.heldBack.push(...judged.suppressions);
    }
    for (const { delta, counter, record, replaces, isClaimed } of findings) {
      if (!isClaimed)
        expect(await this.store.claim(delta.key.pk, record, replaces, observedUntil(record, counter))).toEqual({
          claimed: record,
        });
      if (publish) await this.store.markSent(delta.key.pk, record);
    }
    return findings;
  }

  nextBatch(arrival: number = epoch): Batch {
    this.#batches += 1;
    return { dedupToken: this.#batches.toString(36).padStart(8, '0'), arrival };
  }
}

const rejectsAt = (end: number, count = 1) =>
  Array.from({ length: count }, () => flowOf({ action: 'REJECT', start: end, end }));

describe('judge', () => {
  it.each([
    ['gt: 10', 10, 0],
    ['gt: 10', 11, 1],
    ['gte: 10', 9, 0],
    ['gte: 10', 10, 1],
  ])('takes %s for what it says: %i gives %i', async (condition, count, alerts) => {
    expect(await new Bench(rejects(condition)).batch(rejectsAt(epoch, count))).toHaveLength(alerts);
  });

  it('says value, window and multiple', async () => {
    const [finding] = await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 12));
    expect(finding?.record).toMatchObject({ rule: 'rule_0', multiple: 1, value: 12, sent: false });
    expect(finding!.record.from).toBeLessThanOrEqual(epoch - hour + 180);
    expect(finding!.record.to).toBeGreaterThan(epoch);
  });

  it('sees a burst that no clock hour holds whole', async () => {
    const bench = new Bench(rejects('gt: 10'));
    expect(await bench.batch(rejectsAt(epoch - 60, 6))).toEqual([]);
    expect(await bench.batch(rejectsAt(epoch + 60, 5))).toHaveLength(1);
  });

  it('does not add up what lies two hours apart', async () => {
    const bench = new Bench(rejects('gt: 10'));
    await bench.batch(rejectsAt(epoch, 6));
    expect(await bench.batch(rejectsAt(epoch + 2 * hour, 5))).toEqual([]);
  });

  it('sees late records complete the window where they belong', async () => {
    const bench = new Bench(rejects('gt: 10'));
    await bench.batch(rejectsAt(epoch, 6));
    await bench.batch(rejectsAt(epoch + 2 * hour, 1));
    expect(await bench.batch(rejectsAt(epoch + 600, 5))).toHaveLength(1);
  });

  it('does not alert again on the same batch', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const batch = bench.nextBatch();
    expect(await bench.batch(rejectsAt(epoch, 11), { batch })).toHaveLength(1);
    expect(await bench.batch(rejectsAt(epoch, 11), { batch })).toEqual([]);
  });

  it('holds further alerts back until the suppression ends', async () => {
    const bench = new Bench(rejects('gte: 1', 'alert: {suppress: 2h, escalate: []}'));
    const alerts: number[] = [];
    for (let minute = 0; minute <= 300; minute += 10) {
      if ((await bench.batch(rejectsAt(epoch + minute * 60))).length > 0) alerts.push(minute);
    }
    expect(alerts).toEqual([0, 120, 240]);
  });

  it('alerts again when the value reaches a multiple that the rule escalates at, once for each', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {escalate: [2, 10]}'));
    const multiples: number[] = [];
    for (let n = 0; n < 30; n += 1)
      multiples.push(...(await bench.batch(rejectsAt(epoch, 5))).map(({ record }) => record.multiple));
    expect(multiples).toEqual([1, 2, 10]);
  });

  it('goes straight to the multiple that a single batch reaches', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {escalate: [2, 10]}'));
    expect((await bench.batch(rejectsAt(epoch, 150))).map(({ record }) => record.multiple)).toEqual([10]);
    expect(await bench.batch(rejectsAt(epoch, 5))).toEqual([]);
  });

  it('publishes again what it had promised in an earlier try, under the same id', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const batch = bench.nextBatch();
    const [first] = await bench.batch(rejectsAt(epoch, 11), { batch, publish: false });
    const [again, ...others] = await bench.batch(rejectsAt(epoch, 11), { batch });
    expect(again).toMatchObject({ isClaimed: true, record: { id: first!.record.id } });
    expect(others).toEqual([]);
  });

  it('leaves a promise to the batch that made it, and takes it over when it has gone stale', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const [first] = await bench.batch(rejectsAt(epoch, 11), { publish: false });
    expect(await bench.batch(rejectsAt(epoch), { batch: bench.nextBatch(epoch + 3600) })).toEqual([]);
    const [late] = await bench.batch(rejectsAt(epoch), { batch: bench.nextBatch(epoch + 3601) });
    expect(late).toMatchObject({
      isClaimed: false,
      record: { id: first!.record.id },
      replaces: { id: first!.record.id },
    });
  });

  it('sees a new episode beside a late record of an old one, which is fuller', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 1h, escalate: []}'));
    await bench.batch(rejectsAt(epoch, 30));
    const later = epoch + 2 * hour;
    expect(await bench.batch([...rejectsAt(epoch), ...rejectsAt(later, 12)])).toMatchObject([
      { record: { value: 12 } },
    ]);
  });

  it('alerts once for each episode of a batch that holds several, the fullest window of each', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 2h, escalate: []}'));
    const flows = [...rejectsAt(epoch, 11), ...rejectsAt(epoch + 600, 5), ...rejectsAt(epoch + 5 * hour, 12)];
    const findings = await bench.batch(flows);
    expect(findings.map(({ record }) => record.value)).toEqual([16, 12]);
    expect(findings[1]!.replaces).toEqual(findings[0]!.record);
  });

  it('keeps a stale promise and tells of a new episode as well', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 1h, escalate: []}'));
    const [first] = await bench.batch(rejectsAt(epoch, 11), { publish: false });
    const later = epoch + 3 * hour;
    const findings = await bench.batch(rejectsAt(later, 11), { batch: bench.nextBatch(later) });
    expect(findings.map(({ record }) => record.id)).toEqual([
      first!.record.id,
      expect.not.stringMatching(first!.record.id),
    ]);
  });

  it('takes a stale promise over when its counter is touched by other flows than the rule’s', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const [first] = await bench.batch(rejectsAt(epoch, 11), { publish: false });
    const accepted = flowOf({ end: epoch + 60 });
    expect(await bench.batch([accepted], { batch: bench.nextBatch(epoch + 3601) })).toMatchObject([
      { record: { id: first!.record.id } },
    ]);
  });

  it('tells of ten episodes of one batch at most, the last ones', async () => {
    const bench = new Bench(rejects('gt: 2', 'alert: {suppress: 1h, escalate: []}'));
    const flows = Array.from({ length: 90 }, (_, n) => rejectsAt(epoch + n * 3 * hour, 3)).flat();
    const batch = bench.nextBatch(epoch + 270 * hour);
    const arrived = flows.map((flow) => ({ flow, arrival: batch.arrival }));
    const updates: CountedDelta[] = [];
    for (const delta of deltasOf(arrived, bench.rules))
      updates.push({ delta, counter: await bench.store.add(delta, batch) });
    const { findings } = evaluate(updates, batch, bench.rules);
    expect(findings).toHaveLength(10);
    expect(findings.at(-1)!.record.to).toBeGreaterThan(epoch + 267 * hour - 1);
  });

  it('judges an average when a batch of many updates is counted, not between two of them', async () => {
    const text = (correlation: string) =>
      ruleText('{action: ACCEPT}', `group-by: [srcaddr, dstaddr], timespan: 1h, ${correlation}`);
    const rules = rulesOf(
      text('type: value_count, condition: {gte: 400, field: srcport}'),
      text('type: value_avg, condition: {gt: 100, field: bytes}'),
      text('type: value_percentile, condition: {gt: 100, field: bytes, percentile: 99}'),
    );
    for (let slots = 1; slots < 42; slots += 1) {
      const flows = Array.from({ length: slots }, (_, n) => flowOf({ bytes: 100, start: epoch, end: epoch + n * 180 }));
      expect(await new Bench(rules).batch(flows)).toEqual([]);
    }
  });

  it('sees a late record complete a correlation in an order, by flows before the window', async () => {
    const detection = (name: string, action: string) =>
      `title: ${name}\nname: ${name}\nlogsource: {product: aws, service: vpcflow}\ndetection: {s: {action: ${action}}, condition: s}`;
    const correlation = (text: string) => `correlation: {${text}, group-by: [srcaddr], timespan: 1h}`;
    const bench = new Bench(
      rulesOf(
        [
          detection('knock', 'REJECT'),
          detection('enter', 'ACCEPT'),
          `title: knocks\nname: knocks\n${correlation('type: event_count, rules: [knock], condition: {gte: 2}')}`,
          `title: let in\n${correlation('type: temporal_ordered, rules: [knocks, enter]')}`,
        ].join('\n---\n'),
      ),
    );
    expect(await bench.batch(rejectsAt(epoch + 180))).toEqual([]);
    expect(await bench.batch([flowOf({ start: epoch + 3780, end: epoch + 3780 })])).toEqual([]);
    expect(await bench.batch(rejectsAt(epoch))).toHaveLength(1);
  });

  it('leaves a promise alone whose rule now groups by other fields', async () => {
    const bench = new Bench(rejects('gt: 10'));
    await bench.batch(rejectsAt(epoch, 11), { publish: false });
    const changed = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: event_count, group-by: [srcaddr, dstaddr, dstport], timespan: 1h, condition: {gt: 10}',
      ),
    );
    const batch = bench.nextBatch(epoch + 7200);
    const [delta] = deltasOf([{ flow: flowOf(), arrival: batch.arrival }], changed);
    expect(
      evaluate([{ delta: delta!, counter: await bench.store.add(delta!, batch) }], batch, changed).findings,
    ).toEqual([]);
  });

  it('knows no multiple of nothing', async () => {
    const [finding] = await new Bench(rejects('gt: 0')).batch(rejectsAt(epoch, 500));
    expect(finding?.record.multiple).toBe(1);
  });

  it('gives an alert an id that only rule, key, multiple and window decide', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 11)))[0]?.record.id),
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('is due exactly when the obvious computation says so, and then once', async () => {
    const threshold = 3;
    const times = fc.array(fc.array(fc.nat(4 * hour), { maxLength: 6 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(times, async (batches) => {
        const bench = new Bench(rejects(`gte: ${threshold}`, 'alert: {suppress: 30d, escalate: []}'));
        const seen: number[] = [];
        let alerted: boolean = false;
        for (const ends of batches) {
          const findings = await bench.batch(ends.flatMap((end) => rejectsAt(epoch + end)));
          seen.push(...ends.map((end) => epoch + end));
          const due: boolean = seen.some((last) => inWindowEndingWith(last, seen) >= threshold) && !alerted;
          expect(findings).toHaveLength(due ? 1 : 0);
          alerted ||= due;
        }
      }),
    );
  });
});

describe('an alert that is held back', () => {
  const suppressed = () => rejects('gte: 1', 'alert: {suppress: 2h, escalate: [5]}');

  it('is told of, with the claim that holds it, when that is another batch’s', async () => {
    const bench = new Bench(suppressed());
    const [first] = await bench.batch(rejectsAt(epoch));
    expect(bench.heldBack).toEqual([]);
    await bench.batch(rejectsAt(epoch + 600));
    expect(bench.heldBack).toMatchObject([{ pk: 'pair#10.0.1.5#10.0.2.7', record: { id: first!.record.id } }]);
  });

  it('is not told of by the batch that makes the alert, however often it comes', async () => {
    const bench = new Bench(suppressed());
    const batch = bench.nextBatch();
    for (let n = 0; n < 3; n += 1) await bench.batch([...rejectsAt(epoch), ...rejectsAt(epoch + 600)], { batch });
    expect(bench.heldBack).toEqual([]);
  });

  it('is told of once for a batch, with the latest of the claims', async () => {
    const bench = new Bench(suppressed());
    await bench.batch(rejectsAt(epoch));
    const [worse] = await bench.batch(rejectsAt(epoch + 600, 4));
    expect(worse!.record.multiple).toBe(5);
    bench.heldBack.length = 0;
    await bench.batch([1200, 1800, 2400].flatMap((second) => rejectsAt(epoch + second)));
    expect(bench.heldBack.map(({ record }) => record.id)).toEqual([worse!.record.id]);
  });

  it('is none when the suppression has run out, or nothing is over the threshold', async () => {
    const bench = new Bench(rejects('gte: 2', 'alert: {suppress: 2h, escalate: []}'));
    await bench.batch(rejectsAt(epoch, 2));
    await bench.batch(rejectsAt(epoch + 2 * hour));
    expect(await bench.batch(rejectsAt(epoch + 2 * hour))).toHaveLength(1);
    expect(bench.heldBack).toEqual([]);
  });

  it('leaves its number to the alert after it', async () => {
    const bench = new Bench(suppressed());
    const [first] = await bench.batch(rejectsAt(epoch));
    const counter = bench.store.counters.get(first!.delta.key.pk)!;
    const held = { ...counter, alertRecords: [{ ...first!.record, sent: true, suppressedCount: 7 }] };
    const batch = bench.nextBatch();
    const end = epoch + 3 * hour;
    const [delta] = deltasOf([{ flow: rejectsAt(end)[0]!, arrival: end }], bench.rules);
    const added = await bench.store.add(delta!, batch);
    const { findings } = evaluate(
      [{ delta: delta!, counter: { ...added, alertRecords: held.alertRecords } }],
      batch,
      bench.rules,
    );
    expect(findings).toMatchObject([{ record: { suppressedCount: 0, previousSuppressedCount: 7 } }]);
  });
});

describe('a suppression that grows', () => {
  /** The minutes of the alerts, and for how many hours each holds others back. */
  const alertsOf = async (minutes: readonly number[], alert: string, count = 1) => {
    const bench = new Bench(rejects('gte: 1', `alert: ${alert}`));
    const found: [minute: number, hours: number][] = [];
    for (const minute of minutes) {
      for (const { record } of await bench.batch(rejectsAt(epoch + minute * 60, count))) {
        found.push([minute, record.suppressSeconds / hour]);
      }
    }
    return found;
  };
  const everyHour = (hours: number) => Array.from({ length: hours }, (_, n) => n * 60);

  it('does so with each alert that follows on another', async () => {
    expect(await alertsOf(everyHour(20), '{suppress: 2h, backoff: 2, escalate: []}')).toEqual([
      [0, 2],
      [120, 4],
      [360, 8],
      [840, 16],
    ]);
  });

  it('starts anew after twice the time without one', async () => {
    const minutes = [0, 120, 120 + 8 * 60];
    expect(await alertsOf(minutes, '{suppress: 2h, backoff: 2, escalate: []}')).toEqual([
      [0, 2],
      [120, 4],
      [600, 2],
    ]);
    expect(await alertsOf([0, 120, 119 + 8 * 60], '{suppress: 2h, backoff: 2, escalate: []}')).toEqual([
      [0, 2],
      [120, 4],
      [599, 8],
    ]);
  });

  it('stays as it is for an alert that says that it has got worse', async () => {
    expect(await alertsOf([0, 30], '{suppress: 2h, backoff: 2, escalate: [3]}', 2)).toEqual([
      [0, 2],
      [30, 2],
    ]);
  });

  it('does not grow without backoff, nor beyond thirty days', async () => {
    expect((await alertsOf(everyHour(7), '{suppress: 2h, escalate: []}')).map(([, hours]) => hours)).toEqual([
      2, 2, 2, 2,
    ]);
    const days = Array.from({ length: 60 }, (_, n) => n * 24 * 60);
    expect((await alertsOf(days, '{suppress: 10d, backoff: 10, escalate: []}')).map(([, hours]) => hours / 24)).toEqual(
      [10, 30, 30],
    );
  });
});

describe('a rule that learns', () => {
  const day = 24 * hour;
  const rules = rulesOf(
    ruleText(
      '{dstport: 443}',
      'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2}',
      'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}',
    ),
  );
  const seenAt = (end: number) => flowOf({ start: end, end });
  const two = (end: number) => [seenAt(end), seenAt(end)];

  it('says nothing while it learns, and then of each pair that is new', async () => {
    for (const [days, alerts] of [
      [0, 0],
      [6.99, 0],
      [7, 1],
      [30, 1],
    ] as const) {
      expect(await new Bench(rules, epoch - days * day).batch(two(epoch)), `${days} days`).toHaveLength(alerts);
    }
  });

  it('knows a pair by any flow, and for good', async () => {
    const bench = new Bench(rules, epoch - 30 * day);
    await bench.batch([flowOf({ dstport: 80, action: 'REJECT', start: epoch - 2 * day, end: epoch - 2 * day })]);
    expect(await bench.batch(two(epoch))).toEqual([]);
  });

  it('takes a pair for new until a day has passed', async () => {
    const bench = new Bench(rules, epoch - 30 * day);
    await bench.batch([seenAt(epoch)]);
    expect(await bench.batch(two(epoch + day - 180))).toHaveLength(1);
    const late = new Bench(rules, epoch - 30 * day);
    await late.batch([seenAt(epoch)]);
    expect(await late.batch(two(epoch + day))).toEqual([]);
  });

  it('does not take for new what was first seen while it learnt', async () => {
    const bench = new Bench(rules, epoch - 7 * day + 60);
    await bench.batch([seenAt(epoch)]);
    expect(await bench.batch(two(epoch + 120))).toEqual([]);
  });
});

/** How many lie in the window of whole slots of 180 s whose last slot is that of `last`: 20 slots and the open one. */
function inWindowEndingWith(last: number, times: readonly number[]): number {
  const slot = (time: number) => Math.floor(time / 180);
  return times.filter((time) => slot(time) <= slot(last) && slot(time) >= slot(last) - 20).length;
}

describe('a claim', () => {
  it('says that its value is a bound where a set was full', async () => {
    const distinct = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: value_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2, field: dstport}',
      ),
    );
    const ports = (count: number) =>
      Array.from({ length: count }, (_, n) => flowOf({ action: 'REJECT', dstport: n + 1 }));
    expect(await new Bench(distinct).batch(ports(19))).toMatchObject([{ record: { value: 19, isLowerBound: false } }]);
    expect(await new Bench(distinct).batch(ports(30))).toMatchObject([{ record: { value: 20, isLowerBound: true } }]);
    expect(await new Bench(rejects('gte: 1')).batch(rejectsAt(epoch, 90))).toMatchObject([
      { record: { value: 90, isLowerBound: false } },
    ]);
  });

  it('carries what its alert will say', async () => {
    const [finding] = await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 11));
    const claim: AlertRecord = finding!.record;
    expect(claim.to - claim.from).toBe(hour + 180);
  });
});
