import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../lambda/aggregate/aggregate.ts';
import { streamBounds } from '../../../lambda/aggregate/plausible-time.ts';
import { endOfDay } from '../../../lambda/common/calendar.ts';
import { readEvent } from '../../../lambda/decode/firehose-event.ts';
import { identifyBatch } from '../../../lambda/parse/batch-identity.ts';
import { flowsOf, readRecords } from '../../../lambda/parse/read-records.ts';
import { respond } from '../../../lambda/respond/respond.ts';
import { expiredFilters } from '../../../lambda/rules/expired.ts';
import { reportOf } from '../../../lambda/telemetry/batch-report.ts';
import { eventOf, lineOf, v2 } from '../../support/flows.ts';
import { noRules } from '../../support/rules.ts';

/** Returns the report of a batch. @param expires the last days of the filters */
function reportAt(arrival: number, expires: readonly (string | undefined)[], ends: readonly number[] = [arrival - 60]) {
  const lines = ends.map((end) => lineOf({ end }));
  const { records } = readEvent(eventOf(lines, arrival));
  const read = readRecords(records, [v2]);
  const filters = expires.map((day, index) => ({
    title: `filter ${index}`,
    file: 'f.yml',
    rules: ['any'],
    expires: day,
  }));
  const flows = read.flatMap((record) => flowsOf(record).map((flow) => ({ flow, arrival })));
  return reportOf({
    read,
    flows,
    bounds: streamBounds,
    aggregated: aggregate(flows, noRules, streamBounds),
    outcome: { published: [], logged: [], deferred: [], silenced: [] },
    suppressions: [],
    expiredFilters: expiredFilters(filters, identifyBatch(records, read).arrival),
    answer: respond(read, []),
  });
}

describe('reportOf', () => {
  it('returns the longest delay and the earliest end of the flows', () => {
    expect(reportAt(1_764_000_000, [])).toMatchObject({ delaySeconds: 60, earliestEnd: 1_763_999_940 });
  });

  it('counts implausible times, and leaves them out of the delays', () => {
    const arrival = 1_764_000_000;
    const report = reportAt(arrival, [], [1, arrival - 90, arrival - 60, 9_999_999_999]);
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
