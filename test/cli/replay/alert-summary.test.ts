import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAlerts } from '../../../cli/replay/alert-order.ts';
import { AlertSummary } from '../../../cli/replay/alert-summary.ts';
import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { levels } from '../../../lambda/rules/level.ts';

const alerts = fc
  .array(
    fc.record({
      level: fc.constantFrom(...levels),
      ended: fc.boolean(),
      multiple: fc.constantFrom(1, 2, 10),
      time: fc.nat(1e6),
    }),
    { maxLength: 80 },
  )
  .map((drawn) =>
    drawn.map((one, index) => ({ ...one, id: `${index}`, rule: 'rule', key: {} }) as unknown as AlertBody),
  );

function summaryOf(bodies: readonly AlertBody[], maxShown: number): AlertSummary {
  const summary = new AlertSummary({ maxShown, storeAll: false });
  for (const body of bodies) summary.add(JSON.stringify(body));
  return summary;
}

describe('AlertSummary', () => {
  it('shows the worst alerts first, and each of level high and critical', () => {
    fc.assert(
      fc.property(alerts, fc.integer({ min: 1, max: 30 }), (bodies, maxShown) => {
        const sorted = bodies.toSorted(compareAlerts);
        const severe = bodies.filter(({ level, ended }) => !ended && (level === 'high' || level === 'critical'));
        const shown = sorted.slice(0, Math.max(maxShown, severe.length)).map(({ id }) => id);
        expect(summaryOf(bodies, maxShown).worstAlerts.map(({ id }) => id)).toEqual(shown);
        expect(shown).toEqual(expect.arrayContaining(severe.map(({ id }) => id)));
      }),
    );
  });

  it('counts an update as a message, and not as an alert of its rule', () => {
    const alert = { id: 'a', level: 'high', ended: false, multiple: 1, time: 1000, rule: 'rule', key: {} };
    const update = { ...alert, id: 'u', time: 9000, update: { number: 1, alert: 'a', history: [] } };
    const summary = summaryOf([alert, update] as unknown as AlertBody[], 5);
    expect([summary.messages, summary.updates]).toEqual([2, 1]);
    expect(summary.byRule.get('rule')).toMatchObject({ alerts: 1, last: 1 });
  });

  it('orders alerts by level, multiple and time, and puts resolution notices last', () => {
    const bodies = [
      { id: 'ended', level: 'critical', ended: true, multiple: 1, time: 9 },
      { id: 'medium', level: 'medium', ended: false, multiple: 10, time: 9 },
      { id: 'early', level: 'high', ended: false, multiple: 1, time: 1 },
      { id: 'late', level: 'high', ended: false, multiple: 1, time: 2 },
      { id: 'escalated', level: 'high', ended: false, multiple: 2, time: 1 },
    ].map((one) => ({ ...one, rule: 'rule', key: {} }) as unknown as AlertBody);
    const order = summaryOf(bodies, 5).worstAlerts.map(({ id }) => id);
    expect(order).toEqual(['escalated', 'late', 'early', 'medium', 'ended']);
  });
});
