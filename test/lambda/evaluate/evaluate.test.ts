import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { AlertRecord } from '../../../lambda/counters/alert-record.ts';
import type { Batch } from '../../../lambda/counters/batch.ts';
import type { CountedDelta } from '../../../lambda/counters/delta.ts';
import { observedUntil } from '../../../lambda/counters/silence.ts';
import { evaluate } from '../../../lambda/evaluate/evaluate.ts';
import type { Finding, Suppression } from '../../../lambda/evaluate/finding.ts';
import type { LearningStarts } from '../../../lambda/evaluate/learning-starts.ts';
import type { ArrivedFlow } from '../../../lambda/flow-log/flow-rows.ts';
import type { LoadedRules } from '../../../lambda/rules/loaded.ts';
import { deltasOf } from '../../support/deltas.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { regionsOf } from '../../support/regions.ts';
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

/** Counts flows as one batch, evaluates the rules, and stores the alert records of the findings as sent. */
class Bench {
  readonly store: MemoryCounterStore;
  readonly rules: LoadedRules;
  readonly suppressions: Suppression[] = [];
  readonly #learning: LearningStarts;
  #batches = 0;

  /** @param learning see LearningStarts */
  constructor(rules: LoadedRules, learning: LearningStarts = new Map()) {
    this.rules = rules;
    this.#learning = learning;
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
      const evaluation = evaluate(updates, batch, this.rules, this.#learning);
      findings.push(...evaluation.findings);
      this.suppressions.push(...evaluation.suppressions);
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

describe('evaluate', () => {
  it.each([
    ['gt: 10', 10, 0],
    ['gt: 10', 11, 1],
    ['gte: 10', 9, 0],
    ['gte: 10', 10, 1],
  ])('compares the value by the condition %s: %i flows give %i findings', async (condition, count, alerts) => {
    expect(await new Bench(rejects(condition)).batch(rejectsAt(epoch, count))).toHaveLength(alerts);
  });

  it('stores value, window and multiple in the alert record', async () => {
    const [finding] = await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 12));
    expect(finding?.record).toMatchObject({ rule: 'rule_0', multiple: 1, value: 12, sent: false });
    expect(finding!.record.from).toBeLessThanOrEqual(epoch - hour + 180);
    expect(finding!.record.to).toBeGreaterThan(epoch);
  });

  it('finds a burst that crosses a full hour', async () => {
    const bench = new Bench(rejects('gt: 10'));
    expect(await bench.batch(rejectsAt(epoch - 60, 6))).toEqual([]);
    expect(await bench.batch(rejectsAt(epoch + 60, 5))).toHaveLength(1);
  });

  it('does not add flows that end two hours apart', async () => {
    const bench = new Bench(rejects('gt: 10'));
    await bench.batch(rejectsAt(epoch, 6));
    expect(await bench.batch(rejectsAt(epoch + 2 * hour, 5))).toEqual([]);
  });

  it('adds late records to the window in which their flows end', async () => {
    const bench = new Bench(rejects('gt: 10'));
    await bench.batch(rejectsAt(epoch, 6));
    await bench.batch(rejectsAt(epoch + 2 * hour, 1));
    expect(await bench.batch(rejectsAt(epoch + 600, 5))).toHaveLength(1);
  });

  it('does not alert again when a batch is retried after its alert was sent', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const batch = bench.nextBatch();
    expect(await bench.batch(rejectsAt(epoch, 11), { batch })).toHaveLength(1);
    expect(await bench.batch(rejectsAt(epoch, 11), { batch })).toEqual([]);
  });

  it('suppresses further alerts until the suppression ends', async () => {
    const bench = new Bench(rejects('gte: 1', 'alert: {suppress: 2h, escalate: []}'));
    const alerts: number[] = [];
    for (let minute = 0; minute <= 300; minute += 10) {
      if ((await bench.batch(rejectsAt(epoch + minute * 60))).length > 0) alerts.push(minute);
    }
    expect(alerts).toEqual([0, 120, 240]);
  });

  it('alerts again, once for each multiple, when the value exceeds an escalation multiple', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {escalate: [2, 10]}'));
    const multiples: number[] = [];
    for (let n = 0; n < 30; n += 1)
      multiples.push(...(await bench.batch(rejectsAt(epoch, 5))).map(({ record }) => record.multiple));
    expect(multiples).toEqual([1, 2, 10]);
  });

  it('alerts only on the largest multiple when one batch exceeds several', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {escalate: [2, 10]}'));
    expect((await bench.batch(rejectsAt(epoch, 150))).map(({ record }) => record.multiple)).toEqual([10]);
    expect(await bench.batch(rejectsAt(epoch, 5))).toEqual([]);
  });

  it('publishes the pending alert of an earlier attempt under the same id when a batch is retried', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const batch = bench.nextBatch();
    const [first] = await bench.batch(rejectsAt(epoch, 11), { batch, publish: false });
    const [again, ...others] = await bench.batch(rejectsAt(epoch, 11), { batch });
    expect(again).toMatchObject({ isClaimed: true, record: { id: first!.record.id } });
    expect(others).toEqual([]);
  });

  it('leaves a pending alert to its batch, and takes the alert over when it is abandoned', async () => {
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

  it('finds a new episode when the batch also has a late record of an earlier episode with a higher value', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 1h, escalate: []}'));
    await bench.batch(rejectsAt(epoch, 30));
    const later = epoch + 2 * hour;
    expect(await bench.batch([...rejectsAt(epoch), ...rejectsAt(later, 12)])).toMatchObject([
      { record: { value: 12 } },
    ]);
  });

  it('alerts on the window with the highest value of each episode when a batch has several episodes', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 2h, escalate: []}'));
    const flows = [...rejectsAt(epoch, 11), ...rejectsAt(epoch + 600, 5), ...rejectsAt(epoch + 5 * hour, 12)];
    const findings = await bench.batch(flows);
    expect(findings.map(({ record }) => record.value)).toEqual([16, 12]);
    expect(findings[1]!.replaces).toEqual(findings[0]!.record);
  });

  it('publishes an abandoned alert before the alert of a new episode', async () => {
    const bench = new Bench(rejects('gt: 10', 'alert: {suppress: 1h, escalate: []}'));
    const [first] = await bench.batch(rejectsAt(epoch, 11), { publish: false });
    const later = epoch + 3 * hour;
    const findings = await bench.batch(rejectsAt(later, 11), { batch: bench.nextBatch(later) });
    expect(findings.map(({ record }) => record.id)).toEqual([
      first!.record.id,
      expect.not.stringMatching(first!.record.id),
    ]);
  });

  it('takes an abandoned alert over when the counter gets flows of other rules', async () => {
    const bench = new Bench(rejects('gt: 10'));
    const [first] = await bench.batch(rejectsAt(epoch, 11), { publish: false });
    const accepted = flowOf({ end: epoch + 60 });
    expect(await bench.batch([accepted], { batch: bench.nextBatch(epoch + 3601) })).toMatchObject([
      { record: { id: first!.record.id } },
    ]);
  });

  it('alerts on the last ten episodes when a batch has more', async () => {
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

  it('evaluates an average only after the last of a batch’s updates of the counter', async () => {
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

  it('finds an ordered correlation when a late record before the window completes its first part', async () => {
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

  it('does not publish a pending alert when its rule groups by other fields now', async () => {
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

  it('reports the multiple 1 when the threshold is zero', async () => {
    const [finding] = await new Bench(rejects('gt: 0')).batch(rejectsAt(epoch, 500));
    expect(finding?.record.multiple).toBe(1);
  });

  it('gives an alert the same id when rule, key, multiple and window are the same', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 11)))[0]?.record.id),
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('alerts once, exactly when a window over all raw times exceeds the threshold', async () => {
    const threshold = 3;
    const times = fc.array(fc.array(fc.nat(4 * hour), { maxLength: 6 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(times, async (batches) => {
        const bench = new Bench(rejects(`gte: ${threshold}`, 'alert: {suppress: 30d, escalate: []}'));
        const seen: number[] = [];
        let hasAlerted: boolean = false;
        for (const ends of batches) {
          const findings = await bench.batch(ends.flatMap((end) => rejectsAt(epoch + end)));
          seen.push(...ends.map((end) => epoch + end));
          const isDue: boolean = seen.some((last) => countInWindowUntil(last, seen) >= threshold) && !hasAlerted;
          expect(findings).toHaveLength(isDue ? 1 : 0);
          hasAlerted ||= isDue;
        }
      }),
    );
  });
});

describe('evaluate, with a live alert', () => {
  const suppressed = () => rejects('gte: 1', 'alert: {suppress: 2h, escalate: [5]}');

  it('reports the suppressing record when a finding is suppressed by an alert of another batch', async () => {
    const bench = new Bench(suppressed());
    const [first] = await bench.batch(rejectsAt(epoch));
    expect(bench.suppressions).toEqual([]);
    await bench.batch(rejectsAt(epoch + 600));
    expect(bench.suppressions).toMatchObject([{ pk: 'pair#10.0.1.5#10.0.2.7', record: { id: first!.record.id } }]);
  });

  it('reports no suppression when the suppressing alert is of the same batch, also when it is retried', async () => {
    const bench = new Bench(suppressed());
    const batch = bench.nextBatch();
    for (let n = 0; n < 3; n += 1) await bench.batch([...rejectsAt(epoch), ...rejectsAt(epoch + 600)], { batch });
    expect(bench.suppressions).toEqual([]);
  });

  it('reports one suppression, by the latest record, when a batch has several suppressed windows', async () => {
    const bench = new Bench(suppressed());
    await bench.batch(rejectsAt(epoch));
    const [worse] = await bench.batch(rejectsAt(epoch + 600, 4));
    expect(worse!.record.multiple).toBe(5);
    bench.suppressions.length = 0;
    await bench.batch([1200, 1800, 2400].flatMap((second) => rejectsAt(epoch + second)));
    expect(bench.suppressions.map(({ record }) => record.id)).toEqual([worse!.record.id]);
  });

  it('reports no suppression when the suppression has ended, or no window exceeds the threshold', async () => {
    const bench = new Bench(rejects('gte: 2', 'alert: {suppress: 2h, escalate: []}'));
    await bench.batch(rejectsAt(epoch, 2));
    await bench.batch(rejectsAt(epoch + 2 * hour));
    expect(await bench.batch(rejectsAt(epoch + 2 * hour))).toHaveLength(1);
    expect(bench.suppressions).toEqual([]);
  });

  it('copies the number of suppressions to the record of the next alert', async () => {
    const bench = new Bench(suppressed());
    const [first] = await bench.batch(rejectsAt(epoch));
    const counter = bench.store.counters.get(first!.delta.key.pk)!;
    const { alertRecords } = { ...counter, alertRecords: [{ ...first!.record, sent: true, suppressedCount: 7 }] };
    const batch = bench.nextBatch();
    const end = epoch + 3 * hour;
    const [delta] = deltasOf([{ flow: rejectsAt(end)[0]!, arrival: end }], bench.rules);
    const added = await bench.store.add(delta!, batch);
    const { findings } = evaluate([{ delta: delta!, counter: { ...added, alertRecords } }], batch, bench.rules);
    expect(findings).toMatchObject([{ record: { suppressedCount: 0, previousSuppressedCount: 7 } }]);
  });
});

describe('evaluate, with a back-off', () => {
  /** Returns the minute of each alert, and for how many hours it suppresses others. */
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

  it('multiplies the suppression when an alert follows within twice the previous suppression', async () => {
    expect(await alertsOf(everyHour(20), '{suppress: 2h, backoff: 2, escalate: []}')).toEqual([
      [0, 2],
      [120, 4],
      [360, 8],
      [840, 16],
    ]);
  });

  it('resets the suppression when twice the previous suppression has passed', async () => {
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

  it('leaves the suppression unchanged when an alert escalates', async () => {
    expect(await alertsOf([0, 30], '{suppress: 2h, backoff: 2, escalate: [3]}', 2)).toEqual([
      [0, 2],
      [30, 2],
    ]);
  });

  it('leaves the suppression unchanged without backoff, and limits the suppression to thirty days', async () => {
    expect((await alertsOf(everyHour(7), '{suppress: 2h, escalate: []}')).map(([, hours]) => hours)).toEqual([
      2, 2, 2, 2,
    ]);
    const days = Array.from({ length: 60 }, (_, n) => n * 24 * 60);
    expect((await alertsOf(days, '{suppress: 10d, backoff: 10, escalate: []}')).map(([, hours]) => hours / 24)).toEqual(
      [10, 30, 30],
    );
  });
});

describe('evaluate, with first_seen', () => {
  const day = 24 * hour;
  const rules = rulesOf(
    ruleText(
      '{dstport: 443}',
      'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2}',
      'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}',
    ),
  );
  const learningFrom = (time: number) => new Map([['', time]]);
  const seenAt = (end: number) => flowOf({ start: end, end });
  const twoAt = (end: number) => [seenAt(end), seenAt(end)];

  it('alerts on a new pair when the learning time is over, and not before', async () => {
    for (const [days, alerts] of [
      [0, 0],
      [6.99, 0],
      [7, 1],
      [30, 1],
    ] as const) {
      expect(await new Bench(rules, learningFrom(epoch - days * day)).batch(twoAt(epoch)), `${days} days`).toHaveLength(
        alerts,
      );
    }
  });

  it('does not alert when a flow of another rule has shown the pair before', async () => {
    const bench = new Bench(rules, learningFrom(epoch - 30 * day));
    await bench.batch([flowOf({ dstport: 80, action: 'REJECT', start: epoch - 2 * day, end: epoch - 2 * day })]);
    expect(await bench.batch(twoAt(epoch))).toEqual([]);
  });

  it('alerts on a new pair until a day after its first flow', async () => {
    const bench = new Bench(rules, learningFrom(epoch - 30 * day));
    await bench.batch([seenAt(epoch)]);
    expect(await bench.batch(twoAt(epoch + day - 180))).toHaveLength(1);
    const late = new Bench(rules, learningFrom(epoch - 30 * day));
    await late.batch([seenAt(epoch)]);
    expect(await late.batch(twoAt(epoch + day))).toEqual([]);
  });

  it('learns new groups of regions from the first batch of their rule', async () => {
    const byCountry = rulesOf(
      ruleText(
        '{dstport: 443}',
        'type: event_count, group-by: [dst_country], timespan: 1h, condition: {gte: 1}',
        'flow_sentinel: {first_seen: {within: 1d, learning: 7d}}',
      ),
    );
    byCountry.regions.current = regionsOf('198.51.100.0 198.51.100.255 64496 DE');
    const [name, ...others] = byCountry.learningNames;
    expect([[...byCountry.series.keys()], others]).toEqual([[name], []]);
    const flows = [flowOf({ dstaddr: '198.51.100.3', start: epoch, end: epoch })];
    const since = (pairs: number, countries: number) =>
      new Map([
        ['', epoch - pairs * day],
        [name!, epoch - countries * day],
      ]);
    expect(await new Bench(byCountry, since(30, 6)).batch(flows)).toEqual([]);
    expect(await new Bench(byCountry, since(0, 7)).batch(flows)).toHaveLength(1);
  });

  it('does not alert when the pair was first seen during the learning time', async () => {
    const bench = new Bench(rules, learningFrom(epoch - 7 * day + 60));
    await bench.batch([seenAt(epoch)]);
    expect(await bench.batch(twoAt(epoch + 120))).toEqual([]);
  });
});

/** Counts the times in the window of 21 slots of 180 s whose last slot is that of `last`. */
function countInWindowUntil(last: number, times: readonly number[]): number {
  const slot = (time: number) => Math.floor(time / 180);
  return times.filter((time) => slot(time) <= slot(last) && slot(time) >= slot(last) - 20).length;
}

describe('the alert record of a finding', () => {
  it('has a lower bound as its value when a set of distinct values is full', async () => {
    const distinctPorts = rulesOf(
      ruleText(
        '{action: REJECT}',
        'type: value_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2, field: dstport}',
      ),
    );
    const ports = (count: number) =>
      Array.from({ length: count }, (_, n) => flowOf({ action: 'REJECT', dstport: n + 1 }));
    expect(await new Bench(distinctPorts).batch(ports(19))).toMatchObject([
      { record: { value: 19, isLowerBound: false } },
    ]);
    expect(await new Bench(distinctPorts).batch(ports(30))).toMatchObject([
      { record: { value: 20, isLowerBound: true } },
    ]);
    expect(await new Bench(rejects('gte: 1')).batch(rejectsAt(epoch, 90))).toMatchObject([
      { record: { value: 90, isLowerBound: false } },
    ]);
  });

  it('has a window of the timespan and one slot', async () => {
    const [finding] = await new Bench(rejects('gt: 10')).batch(rejectsAt(epoch, 11));
    const record: AlertRecord = finding!.record;
    expect(record.to - record.from).toBe(hour + 180);
  });
});
