import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryCounterStore } from '../../../emulators/memory-counter-store.ts';
import type { CountedDelta } from '../../../lambda/counters/delta.ts';
import {
  isSilenced,
  maxReasonBytes,
  maxSilenceSeconds,
  observedUntil,
  type Silence,
} from '../../../lambda/counters/silence.ts';
import { evaluate } from '../../../lambda/evaluate/evaluate.ts';
import { reEvaluate } from '../../../lambda/evaluate/re-evaluate.ts';
import { deltasOf } from '../../support/deltas.ts';
import { findingsOf } from '../../support/findings.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const hour = 3600;
const pk = 'pair#10.0.1.5#10.0.2.7';

function rejectRule(alert: string) {
  const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 2}';
  return rulesOf(ruleText('{action: REJECT}', correlation, alert));
}

const rejectsAt = (seconds: number, count = 2) =>
  Array.from({ length: count }, () => flowOf({ action: 'REJECT', start: epoch + seconds, end: epoch + seconds }));

const silenceTo = (seconds: number): Silence => ({
  ...{ rule: 'rule_0', reason: 'a release', since: epoch },
  until: epoch + seconds,
});

/** Returns a store with an alert sent at `epoch` and a silence from then on. */
async function silenced(seconds: number, alert = 'alert: {suppress: 1h, escalate: [2, 10]}') {
  const rules = rejectRule(alert);
  const store = new MemoryCounterStore(rules.series);
  expect(await findingsOf(rejectsAt(0), rules, { store })).toHaveLength(1);
  await store.silence(pk, silenceTo(seconds));
  let batches = 0;
  const evaluated = async (flows: ReturnType<typeof flowOf>[], arrival: number) => {
    batches += 1;
    const batch = { dedupToken: String(batches).padStart(8, '0'), arrival };
    const updates: CountedDelta[] = [];
    for (const delta of deltasOf(
      flows.map((flow) => ({ flow, arrival })),
      rules,
    )) {
      if (delta.key.pk === pk) updates.push({ delta, counter: await store.add(delta, batch) });
    }
    return evaluate(updates, batch, rules);
  };
  return { rules, store, evaluated };
}

describe('a silence', () => {
  it('lasts thirty days at most, with a reason of 200 bytes', () => {
    expect([maxSilenceSeconds, maxReasonBytes]).toEqual([30 * 24 * 60 * 60, 200]);
  });

  it('ends to the second, within a slot, by the end time of the flows and not by their arrival', async () => {
    const end = 5 * hour + 100;
    for (const [seconds, alerts] of [
      [end - 1, 0],
      [end, 1],
    ] as const) {
      const { evaluated } = await silenced(end);
      const { findings, suppressions } = await evaluated(rejectsAt(seconds), epoch + 9 * hour);
      expect(findings).toHaveLength(alerts);
      expect(suppressions).toHaveLength(1 - alerts);
    }
  });

  it('suppresses every multiple, and counts on the latest alert, also when that alert’s suppression has ended', async () => {
    const { evaluated } = await silenced(24 * hour);
    for (const [seconds, count] of [
      [60, 30],
      [3 * hour, 100],
    ] as const) {
      const { findings, suppressions } = await evaluated(rejectsAt(seconds, count), epoch + seconds + 60);
      expect(findings).toEqual([]);
      expect(suppressions).toMatchObject([{ pk, record: { multiple: 1, to: epoch + 180 } }]);
    }
  });

  it('does not suppress a window after its end when the batch also has silenced windows', async () => {
    const { evaluated } = await silenced(5 * hour);
    const flows = [...rejectsAt(2 * hour), ...rejectsAt(8 * hour)];
    const { findings } = await evaluated(flows, epoch + 9 * hour);
    expect(findings.map(({ record }) => record.to)).toEqual([epoch + 8 * hour + 180]);
  });

  it('suppresses late flows of its time when flows after its end came before', async () => {
    const { evaluated } = await silenced(5 * hour);
    expect((await evaluated(rejectsAt(9 * hour, 1), epoch + 9 * hour)).findings).toEqual([]);
    expect((await evaluated(rejectsAt(2 * hour), epoch + 10 * hour)).findings).toEqual([]);
  });

  it('does not suppress another rule', async () => {
    const { store, rules } = await silenced(5 * hour);
    await store.silence(pk, { ...silenceTo(5 * hour), rule: 'another' });
    await store.unsilence(pk, 'rule_0');
    expect(
      await findingsOf(rejectsAt(2 * hour), rules, { store, batch: { dedupToken: 'B', arrival: epoch } }),
    ).toHaveLength(1);
  });

  it('defers the resolution notice until its end', async () => {
    const { store, rules } = await silenced(24 * hour, 'alert: {suppress: 1h, escalate: [], ended: true}');
    const rule = rules.rules.get('rule_0')!;
    const key = { pk, fields: new Map(rule.groupBy.map((name) => [name, 'x'])) };
    const reEvaluated = async (seconds: number) => {
      const batch = { dedupToken: 'LATER', arrival: epoch + seconds };
      const { findings, isResolved } = reEvaluate(rule, key, (await store.read(pk))!, batch, rules);
      return { multiples: findings.map(({ record }) => record.multiple), isResolved };
    };
    expect(await reEvaluated(3 * hour)).toEqual({ multiples: [], isResolved: false });
    expect(await reEvaluated(24 * hour - 1)).toEqual({ multiples: [], isResolved: false });
    expect(await reEvaluated(24 * hour)).toEqual({ multiples: [0], isResolved: false });
  });

  it('suppresses a window exactly when nothing of the window was observed after its end', () => {
    const time = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(time, time, time, (to, lastSeen, until) => {
        const silence = { rule: 'r', reason: '', since: 0, until };
        const suppressed = isSilenced(silence, observedUntil({ to }, { lastSeen }));
        expect(suppressed).toBe(to <= until || lastSeen < until);
      }),
    );
    expect(isSilenced(undefined, 0)).toBe(false);
  });
});
