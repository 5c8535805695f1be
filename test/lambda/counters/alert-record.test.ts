import { describe, expect, it } from 'vitest';
import {
  type AlertRecord,
  abandonedAfterSeconds,
  alertId,
  failedClaimOutcome,
  latestFirst,
  silenceOf,
  suppresses,
  takenOver,
  wasNotified,
} from '../../../lambda/counters/alert-record.ts';
import type { Rule } from '../../../lambda/rules/model.ts';
import { epoch } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const correlation = 'type: event_count, group-by: [srcaddr], timespan: 1h, condition: {gt: 10}';
const rule = rulesOf(ruleText('{action: REJECT}', correlation)).rules.get('rule_0')!;
const experimental: Rule = { ...rule, status: 'experimental' };

const record: AlertRecord = {
  ...{ rule: 'rule_0', multiple: 2, id: 'id', value: 11, isLowerBound: false, from: epoch - 3600, to: epoch },
  ...{ token: 'AAAAAAAA', arrival: epoch, sent: false, deferred: false, logOnly: false, suppressSeconds: 3600 },
  ...{ suppressedCount: 0, previousSuppressedCount: 0, lastSuppressedBatch: '' },
};
const silence = { rule: 'rule_0', reason: 'a release', since: epoch, until: epoch + 100 };
const stored = (alertRecords: AlertRecord[], silences = new Map<string, typeof silence>()) => ({
  alertRecords,
  silences,
});

describe('failedClaimOutcome', () => {
  const outcome = (counter: ReturnType<typeof stored> | undefined, replaces?: AlertRecord, observed = epoch) =>
    failedClaimOutcome(counter, record, replaces, observed);

  it('returns the unsent record of the same batch as claimed, also when the rule is silenced', () => {
    const mine = { ...record, id: 'stored' };
    expect(outcome(stored([mine], new Map([['rule_0', silence]])))).toEqual({ claimed: mine });
  });

  it.each([
    ['was sent', { sent: true }],
    ['belongs to another batch', { token: 'BBBBBBBB' }],
  ])('returns the stored record as the winner when it %s', (_, values) => {
    const winner = { ...record, ...values };
    expect(outcome(stored([winner]))).toEqual({ lostTo: winner });
  });

  it.each([
    ['another rule', { rule: 'rule_1' }],
    ['another multiple', { multiple: 1 }],
  ])('ignores the record of %s', (_, values) => {
    expect(outcome(stored([{ ...record, ...values }]))).toEqual({ lostTo: undefined });
  });

  it('returns the silence of the rule, and nothing for a missing counter', () => {
    expect(outcome(stored([], new Map([['rule_0', silence]])))).toEqual({ silencedBy: silence });
    expect(outcome(undefined)).toEqual({ lostTo: undefined });
  });
});

describe('silenceOf', () => {
  const counter = stored([], new Map([['rule_0', silence]]));

  it.each([
    ['a new alert within the silence', undefined, epoch + 100, silence],
    ['a new alert after the silence', undefined, epoch + 101, undefined],
    ['another alert in place of the record', { ...record, id: 'other' }, epoch, silence],
    ['the same alert, taken over', record, epoch, undefined],
  ])('returns the silence only when it applies: %s', (_, replaces, observed, expected) => {
    expect(silenceOf(counter, record, replaces, observed)).toBe(expected);
  });

  it('ignores the silence of another rule', () => {
    expect(silenceOf(counter, { ...record, rule: 'rule_1' }, undefined, epoch)).toBeUndefined();
    expect(silenceOf(undefined, record, undefined, epoch)).toBeUndefined();
  });
});

describe('suppresses', () => {
  const window = (to: number, multiple = 2) => ({ multiple, window: { to } });

  it.each([
    ['the same multiple', record, window(epoch + 1), true],
    ['a smaller multiple', record, window(epoch + 1, 1), true],
    ['a larger multiple', record, window(epoch + 1, 3), false],
    ['the last second', record, window(epoch + 3599), true],
    ['the end of the time', record, window(epoch + 3600), false],
    ['another rule', { ...record, rule: 'rule_1' }, window(epoch + 1), false],
    ['an alert that was only logged', { ...record, logOnly: true }, window(epoch + 1), false],
  ])('tells whether a record suppresses an alert: %s', (_, stored, found, expected) => {
    expect(suppresses(stored, rule, found)).toBe(expected);
  });
});

describe('alert records', () => {
  it('count as notified when they were sent, or the rule only logs', () => {
    expect(wasNotified(record, rule)).toBe(true);
    expect(wasNotified({ ...record, logOnly: true }, rule)).toBe(false);
    expect(wasNotified({ ...record, logOnly: true }, experimental)).toBe(true);
  });

  it('sorts records by the end of their windows, without resolution notices', () => {
    const [early, late] = [record, { ...record, to: epoch + 1 }];
    expect(latestFirst([early, { ...record, multiple: 0, to: epoch + 9 }, late])).toEqual([late, early]);
  });

  it('abandons a record after the hour in which Firehose retries its batch', () => {
    expect(abandonedAfterSeconds).toBe(60 * 60);
  });

  it('belong to the batch that takes them over', () => {
    expect(takenOver(record, { dedupToken: 'BBBBBBBB', arrival: epoch + 7 })).toEqual({
      ...record,
      token: 'BBBBBBBB',
      arrival: epoch + 7,
    });
  });

  it('have an id of 32 hexadecimal digits that depends on rule, key, multiple and end', () => {
    const ids = [
      alertId('a', 'b', 1, epoch),
      alertId('ab', '', 1, epoch),
      alertId('a', 'c', 1, epoch),
      alertId('a', 'b', 2, epoch),
      alertId('a', 'b', 1, epoch + 1),
    ];
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(alertId('a', 'b', 1, epoch)).toBe(ids[0]);
  });
});
