import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertRecord } from '../../../lambda/counters/alert-record.ts';
import type { Finding } from '../../../lambda/evaluate/finding.ts';
import { reEvaluate, wasReadThisMinute } from '../../../lambda/evaluate/re-evaluate.ts';
import { findingsOf, someBatch } from '../../support/findings.ts';
import { epoch, flowOf } from '../../support/flows.ts';
import { rulesOf, ruleText } from '../../support/rules.ts';

const correlation = 'type: event_count, group-by: [srcaddr, dstaddr], timespan: 1h, condition: {gte: 1}';
const rules = rulesOf(ruleText('{action: REJECT}', correlation, 'alert: {ended: true}'));
const minute = 60;
const hour = 3600;
let finding: Finding;

beforeAll(async () => {
  [finding] = (await findingsOf([flowOf({ action: 'REJECT' })], rules)) as [Finding];
});

/** Re-evaluates the finding's rule and key by another batch, with changed records in the counter. */
function reEvaluated(changes: readonly Partial<AlertRecord>[], arrival: number, dedupToken = 'BBBBBBBB') {
  const { rule, counter, delta, record } = finding;
  const alertRecords = changes.map((change) => ({ ...record, ...change }));
  const { findings, ...state } = reEvaluate(
    rule,
    delta.key,
    { ...counter, alertRecords },
    { dedupToken, arrival: someBatch.arrival + arrival },
    rules,
  );
  return { records: findings.map((one) => one.record), isClaimed: findings.map((one) => one.isClaimed), ...state };
}

describe('reEvaluate', () => {
  it.each([
    ['a deferred alert after a minute', { deferred: true }, minute, 1],
    ['no deferred alert within its minute', { deferred: true }, minute - 1, 0],
    ['an abandoned alert after an hour', {}, hour, 1],
    ['no pending alert that another batch is processing', {}, hour - 1, 0],
  ])('takes over %s', (_, change, arrival, count) => {
    const { records, isClaimed, ...state } = reEvaluated([change], arrival);
    expect(records).toHaveLength(count);
    expect(state).toEqual({ isSent: false, isResolved: false });
    if (count === 0) return;
    expect(records).toMatchObject([{ id: finding.record.id, token: 'BBBBBBBB', arrival: someBatch.arrival + arrival }]);
    expect(isClaimed).toEqual([false]);
  });

  it('returns the pending alert as claimed when the batch is retried', () => {
    expect(reEvaluated([{}], 1, someBatch.dedupToken)).toEqual({
      records: [finding.record],
      isClaimed: [true],
      isSent: false,
      isResolved: false,
    });
  });

  it('returns a resolution notice when no window exceeds the threshold any more', () => {
    const sent = { sent: true, suppressedCount: 3 };
    expect(reEvaluated([sent], hour)).toMatchObject({ records: [], isSent: true, isResolved: false });
    expect(reEvaluated([sent], 2 * hour)).toMatchObject({
      records: [{ multiple: 0, sent: false, previousSuppressedCount: 3, to: finding.record.to }],
      isSent: true,
      isResolved: false,
    });
  });

  it('is done when the resolution notice was sent', () => {
    const notice = { multiple: 0, sent: true };
    expect(reEvaluated([{ sent: true }, notice], 2 * hour)).toMatchObject({
      records: [],
      isSent: true,
      isResolved: true,
    });
  });

  it('returns a resolution notice when the sent notice is of an earlier alert', () => {
    const earlier = { multiple: 0, sent: true, to: epoch - 10 * hour };
    expect(reEvaluated([{ sent: true }, earlier], 2 * hour)).toMatchObject({
      records: [{ multiple: 0 }],
      isSent: true,
      isResolved: false,
    });
  });

  it('is done when the alert was only logged, or the rule groups by other fields', () => {
    expect(reEvaluated([{ sent: true, logOnly: true }], 2 * hour)).toMatchObject({
      records: [],
      isSent: true,
      isResolved: true,
    });
    const { rule, counter, delta } = finding;
    const key = { ...delta.key, fields: new Map([['dstport', '22']]) };
    expect(reEvaluate(rule, key, counter, someBatch, rules)).toEqual({ findings: [], isSent: true, isResolved: true });
  });
});

describe('wasReadThisMinute', () => {
  const arriving = (arrival: number, dedupToken: string) => ({ dedupToken, arrival });

  it.each([
    ['no batch has read the queue', undefined, false],
    ['another batch of the minute has', arriving(6059, 'BBBBBBBB'), true],
    ['a batch of an earlier minute has', arriving(5999, 'BBBBBBBB'), false],
    ['a batch of a later minute has', arriving(6000 + 59 * minute, 'BBBBBBBB'), true],
    ['a batch claims to arrive an hour later', arriving(6000 + 60 * minute, 'BBBBBBBB'), false],
    ['the batch itself has', arriving(6000, 'AAAAAAAA'), false],
  ])('returns whether the queue was read when %s', (_, last, expected) => {
    expect(wasReadThisMinute(arriving(6000, 'AAAAAAAA'), last)).toBe(expected);
  });
});
