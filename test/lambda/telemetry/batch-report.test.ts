import { describe, expect, it } from 'vitest';
import { collect } from '../../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { noRefusedLimits } from '../../../lambda/aggregate/refused.ts';
import type { AlertOutcome } from '../../../lambda/alert/send-alerts.ts';
import { endOfDay } from '../../../lambda/common/calendar.ts';
import { readEvent } from '../../../lambda/decode/firehose-event.ts';
import type { Finding, ReEvaluation } from '../../../lambda/evaluate/finding.ts';
import { identifyBatch } from '../../../lambda/parse/batch-identity.ts';
import { readRecords } from '../../../lambda/parse/read-records.ts';
import { respond } from '../../../lambda/respond/respond.ts';
import { expiredFilters } from '../../../lambda/rules/expired.ts';
import { type BatchStages, reportOf } from '../../../lambda/telemetry/batch-report.ts';
import { eventOf, lineOf, v2 } from '../../support/flows.ts';
import { noRules } from '../../support/rules.ts';

const none: AlertOutcome = { published: [], logged: [], deferred: [], silenced: [], unlisted: [] };

/** Returns the report of a batch. @param expires the last days of the filters */
function reportAt(
  arrival: number,
  expires: readonly (string | undefined)[],
  {
    ends = [arrival - 60],
    outcome = {},
    queued = { waiting: [], unlisted: [] },
  }: { ends?: readonly number[]; outcome?: Partial<AlertOutcome>; queued?: BatchStages['queued'] } = {},
) {
  const lines = ends.map((end) => lineOf({ end }));
  const { records } = readEvent(eventOf(lines, arrival));
  const read = readRecords(records, [v2]);
  const filters = expires.map((day, index) => ({
    title: `filter ${index}`,
    file: 'f.yml',
    rules: ['any'],
    expires: day,
  }));
  const columns = noRules.columnsOf(read.rows);
  const collected = collect(columns, noRules, streamBounds);
  return reportOf({
    read: read.records,
    columns,
    bounds: streamBounds,
    aggregated: collected.aggregate(noRefusedLimits),
    outcome: { ...none, ...outcome },
    queued,
    suppressions: [],
    expiredFilters: expiredFilters(filters, identifyBatch(records, read).arrival),
    answer: respond(read.records, collected.contributions),
  });
}

describe('reportOf', () => {
  it('counts the alerts of level high and critical that are deferred, wait or have no place', () => {
    const finding = (level: string) => ({ rule: { name: level, level } }) as Finding;
    const entry = (queue: ReEvaluation['queue']): ReEvaluation => ({
      ...{ queue, rule: queue, alertId: '' },
      key: { pk: '', fields: new Map() },
    });
    const deferred = ['high', 'medium'].map(finding);
    const waiting = (['critical', 'low', 'low'] as const).map(entry);
    const unlisted = (['high', 'resolution'] as const).map(entry);
    expect(reportAt(1_764_000_000, [], { outcome: { deferred }, queued: { waiting, unlisted } })).toMatchObject({
      alertsDeferred: 2,
      alertsWaiting: 3,
      alertsUnlisted: 2,
      severeAlertsWaiting: 3,
    });
  });

  it('returns the longest delay and the earliest end of the flows', () => {
    expect(reportAt(1_764_000_000, [])).toMatchObject({ delaySeconds: 60, earliestEnd: 1_763_999_940 });
  });

  it('counts implausible times, and leaves them out of the delays', () => {
    const arrival = 1_764_000_000;
    const report = reportAt(arrival, [], { ends: [1, arrival - 90, arrival - 60, 9_999_999_999] });
    expect(report).toMatchObject({ flows: 4, implausibleTimes: 2, delaySeconds: 90, earliestEnd: arrival - 90 });
  });

  it('lists the filters that had expired when the batch arrived', () => {
    const end = endOfDay('2027-01-31')!;
    const expires = [undefined, '2027-01-31', '2027-02-01'];
    expect(reportAt(end - 1, expires).expiredFilters).toEqual([]);
    expect(reportAt(end, expires).expiredFilters).toEqual(['filter 1']);
    expect(reportAt(end + 86_400, expires).expiredFilters).toEqual(['filter 1', 'filter 2']);
  });
});
