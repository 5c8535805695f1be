import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { emittedByContext, emittedByFlush, emittedMetrics } from '../../support/emitted-metrics.ts';
import { knownMetrics, metricKey } from '../known-metrics.ts';
import { idOf, synthesize } from '../synthesis.ts';

/** A metric as an alarm names it. */
interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

interface AlarmProperties extends AlarmMetric {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly DatapointsToAlarm: number;
  readonly EvaluationPeriods: number;
  readonly Period?: number;
  readonly TreatMissingData: string;
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: AlarmMetric; readonly Period: number; readonly Stat: string };
  }[];
}

const template = synthesize();
const alarms = alarmsOf(template);
const names = alarms.map(nameOf);
const allNames = alarmsOf(synthesize({ context: { geoTable: 's3://some-bucket/geo.bin', context: 'true' } })).map(
  nameOf,
);
const withContext = alarmsOf(synthesize({ context: { context: 'true' } }));
const withJournal = alarmsOf(synthesize({ context: { counting: 'journal' } }));

function alarmsOf(from: Template): AlarmProperties[] {
  return Object.values(from.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
}

function nameOf({ AlarmName }: AlarmProperties): string {
  return AlarmName.replace('FlowSentinel-', '');
}

function metricsOf(alarm: AlarmProperties): AlarmMetric[] {
  return alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [alarm];
}

function periodOf({ Period, Metrics = [] }: AlarmProperties): number | undefined {
  return Period ?? Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? [])[0];
}

describe('Alarms', () => {
  it.each([
    ['no-records', 'LessThanThreshold', 1, '3 of 3', 300],
    ['no-batches', 'LessThanThreshold', 1, '3 of 3', 300],
    ['flows-late', 'GreaterThanThreshold', 1200, '3 of 3', 300],
    ['delivery-late', 'GreaterThanThreshold', 1800, '3 of 3', 300],
    ['invocation-errors', 'GreaterThanOrEqualToThreshold', 3, '1 of 1', 900],
    ['deadline-near', 'GreaterThanThreshold', 240_000, '2 of 3', 300],
    ['quota-reached', 'GreaterThanOrEqualToThreshold', 1, '2 of 3', 300],
    ['table-throttled', 'GreaterThanOrEqualToThreshold', 100, '2 of 3', 300],
    ['counting-late', 'GreaterThanThreshold', 900, '1 of 1', 900],
    ['flush-errors', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 900],
    ['clock-ahead', 'GreaterThanThreshold', 120, '1 of 1', 300],
    ['failed-records', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['failed-records-pending', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['counters-overflowed', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['implausible-times', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['alert-delivery-failed', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 900],
    ['severe-alerts-waiting', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['alerts-unlisted', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['alerts-deferred', 'GreaterThanThreshold', 125, '3 of 3', 300],
    ['filters-expired', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 3600],
    ['network-list-stale', 'GreaterThanOrEqualToThreshold', 1, '4 of 4', 900],
  ])('creates the alarm %s when the stack is synthesized', (name, comparison, threshold, times, period) => {
    const alarm = alarms.find((one) => nameOf(one) === name)!;

    expect(alarm).toMatchObject({ ComparisonOperator: comparison, Threshold: threshold });
    expect(`${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}`).toBe(times);
    expect(periodOf(alarm)).toBe(period);
  });

  it('creates the same 21 alarms when batches are counted directly and with a journal', () => {
    expect(names).toHaveLength(21);
    expect(withJournal.map(nameOf)).toEqual(names);
  });

  it.each([
    ['geo-table-stale', 'GreaterThanOrEqualToThreshold', 1, '4 of 4', 900],
    ['geo-table-old', 'GreaterThanThreshold', 45 * 86_400, '1 of 1', 3600],
  ])('creates the alarm %s only when there is a geo table', (name, comparison, threshold, times, period) => {
    const all = alarmsOf(synthesize({ context: { geoTable: 's3://some-bucket/geo.bin' } }));
    const alarm = all.find((one) => nameOf(one) === name)!;

    expect(alarm).toMatchObject({ ComparisonOperator: comparison, Threshold: threshold });
    expect(`${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}`).toBe(times);
    expect(periodOf(alarm)).toBe(period);
    expect(all).toHaveLength(names.length + 2);
    expect(names).not.toContain(name);
  });

  it.each([
    ['context-events-failed', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 300],
    ['context-errors', 'GreaterThanOrEqualToThreshold', 3, '1 of 1', 900],
    ['context-unreadable', 'GreaterThanOrEqualToThreshold', 1, '1 of 1', 3600],
    ['context-late', 'GreaterThanThreshold', 1800, '3 of 3', 300],
    ['context-unread', 'GreaterThanOrEqualToThreshold', 3, '1 of 1', 3600],
  ])('creates the alarm %s only when there is context', (name, comparison, threshold, times, period) => {
    const alarm = withContext.find((one) => nameOf(one) === name)!;

    expect(alarm).toMatchObject({ ComparisonOperator: comparison, Threshold: threshold });
    expect(`${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}`).toBe(times);
    expect(periodOf(alarm)).toBe(period);
    expect(withContext).toHaveLength(names.length + 5);
    expect(names).not.toContain(name);
  });

  it('treats missing data as breaching only when no records or batches arrive, and keeps the state only when records wait', () => {
    const names = Map.groupBy(alarms, ({ TreatMissingData }) => TreatMissingData);

    expect(names.get('breaching')?.map(nameOf)).toEqual(['no-records', 'no-batches']);
    expect(names.get('ignore')?.map(nameOf)).toEqual(['failed-records-pending']);
    expect(names.get('notBreaching')).toHaveLength(alarms.length - 3);
  });

  it('treats missing reports of flushes as breaching only when batches are counted with a journal', () => {
    const missing = withJournal.filter(({ TreatMissingData }) => TreatMissingData === 'breaching').map(nameOf);

    expect(missing).toEqual(['no-records', 'no-batches', 'counting-late']);
  });

  it.each([
    ['1', 900],
    ['5', 900],
    ['6', 1080],
    ['15', 2700],
  ])('waits for three flushes, at least 15 minutes, when countEvery is %s', (countEvery, seconds) => {
    const all = alarmsOf(synthesize({ context: { counting: 'journal', countEvery } }));

    expect(all.find((alarm) => nameOf(alarm) === 'counting-late')).toMatchObject({
      MetricName: 'UncountedAge',
      Statistic: 'Maximum',
      Threshold: seconds,
      Period: seconds,
    });
  });

  it('allows flows to be counted later by countEvery and a minute when batches are counted with a journal', () => {
    expect(withJournal.find((alarm) => nameOf(alarm) === 'flows-late')).toMatchObject({ Threshold: (20 + 6) * 60 });
  });

  it.each([
    ['flush-errors', ['JOURNAL_BROKEN', 'PAGE_VERSION', 'PAGE_INVALID']],
    ['alert-delivery-failed', ['ALERT_FAILED']],
  ])('reads the failures of flushes when batches are counted with a journal: %s', (name, codes) => {
    const failures = metricsOf(withJournal.find((alarm) => nameOf(alarm) === name)!).filter(
      ({ MetricName }) => MetricName === 'FlushesFailed',
    );

    const codeOf = ({ Dimensions }: AlarmMetric) => Dimensions.find(({ Name }) => Name === 'code')?.Value;
    expect(failures.map(codeOf)).toEqual(codes);
  });

  it('reads throttles of the journal and its function when batches are counted with a journal', () => {
    const read = (name: string) =>
      metricsOf(withJournal.find((alarm) => nameOf(alarm) === name)!).map(({ Dimensions }) => Dimensions);

    expect(JSON.stringify(read('table-throttled'))).toContain('"Ref":"JournalTable');
    expect(JSON.stringify(read('quota-reached'))).toContain('"Ref":"FlushFunction');
  });

  it('counts the reports of batches, whatever their records are, when it reports that none was counted', () => {
    expect(alarms.find((one) => nameOf(one) === 'no-batches')).toMatchObject({
      MetricName: 'RecordsOk',
      Statistic: 'SampleCount',
    });
  });

  it('reads the highest number of messages when it reports failed records that wait', () => {
    expect(alarms.find((one) => nameOf(one) === 'failed-records-pending')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
    });
  });

  it("fills missing data with zeros when a metric is DynamoDB's, so that the alarm ends", () => {
    const onDynamoDb = [...alarms, ...withJournal].filter((alarm) =>
      metricsOf(alarm).some(({ Namespace }) => Namespace === 'AWS/DynamoDB'),
    );

    for (const { Metrics = [] } of onDynamoDb) {
      const filled = Metrics.flatMap(({ Expression = '' }) => Expression.match(/FILL\(\w+, 0\)/g) ?? []);
      expect(filled).toHaveLength(Metrics.length - 1);
    }
    expect(onDynamoDb.map(nameOf)).toEqual(['table-throttled', 'table-throttled']);
  });

  it('notifies only the operations topic when an alarm fires or returns to OK', () => {
    const topic = [{ Ref: idOf(template, 'AWS::SNS::Topic', 'OperationsTopic') }];

    for (const alarm of alarms) {
      expect(alarm).toMatchObject({ AlarmActions: topic, OKActions: topic });
      expect(alarm).not.toHaveProperty('InsufficientDataActions');
    }
  });

  it('describes its meaning in a sentence with a link to the runbook when an alarm fires', () => {
    for (const alarm of alarms) {
      const [sentence, more] = alarm.AlarmDescription.split(' See ');
      expect(sentence).toMatch(/^[A-Z][^.]*(\.\d+[^.]*)*\)?\.$/);
      expect(more).toBe(`docs/operate/runbook.md#${nameOf(alarm)}`);
    }
  });

  it('matches the headings of the runbook in order when alarms are listed', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../../docs/operate/runbook.md'), 'utf8');
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);

    expect(headings.map((heading) => heading.toLowerCase().replaceAll(' ', '-'))).toEqual(allNames);
  });

  it('has a severity in the runbook, and its heading as the target of the link, when an alarm exists', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../../docs/operate/runbook.md'), 'utf8');
    const rows = [...runbook.matchAll(/^\| \*\*(page|today|this week)\*\*.*$/gm)].map(([row]) => row);
    const listed = rows.flatMap((row) => [...row.matchAll(/\[([\w-]+)\]\(#\1\)/g)].map(([, name]) => name));

    expect(rows).toHaveLength(3);
    expect(listed.toSorted()).toEqual(allNames.toSorted());
  });

  it('uses existing metrics with their exact dimensions when an alarm monitors a metric', () => {
    const known = knownMetrics('FlowSentinel');
    const watched = [...alarms, ...withJournal, ...withContext].flatMap(metricsOf);

    for (const { Namespace, MetricName, Dimensions } of watched) {
      const dimensions = Dimensions.map(({ Name }) => Name);
      expect(known).toContain(metricKey(Namespace, MetricName, dimensions));
    }
    const own = watched.filter(({ Namespace }) => Namespace === 'FlowSentinel');
    const flushes = emittedByFlush('FlowSentinel', undefined, [
      'ALERT_FAILED',
      'JOURNAL_BROKEN',
      'PAGE_VERSION',
      'PAGE_INVALID',
    ]);
    const printed = [...emittedMetrics('FlowSentinel'), ...flushes, ...emittedByContext('FlowSentinel')].map(
      ({ name, dimensions }) => ({
        name,
        dimensions,
      }),
    );
    for (const { MetricName, Dimensions } of own) {
      const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
      expect(printed).toContainEqual({ name: MetricName, dimensions });
    }
    expect(own).not.toHaveLength(0);
  });

  it('has separate alarms and metrics when an account has several stages', () => {
    const dev = alarmsOf(synthesize({ stage: 'dev' }));

    expect(dev.map(({ AlarmName }) => AlarmName)).toEqual(names.map((name) => `FlowSentinel-dev-${name}`));
    const stacks = dev
      .flatMap(metricsOf)
      .filter(({ Namespace }) => Namespace === 'FlowSentinel')
      .map(({ Dimensions }) => Dimensions.find(({ Name }) => Name === 'stack')?.Value);
    expect(new Set(stacks)).toEqual(new Set(['FlowSentinel-dev']));
  });

  it('creates twenty-four resources with topic and dashboard when the stack is synthesized', () => {
    const ids = Object.keys(template.toJSON().Resources).filter((id) => /^(Alarms|OperationsTopic|Dashboard)/.test(id));

    expect(ids).toHaveLength(24);
  });

  it('allows flows to be counted four minutes later when Firehose collects records for 300 s', () => {
    const patient = alarmsOf(synthesize({ context: { bufferIntervalSeconds: '300' } }));
    const late = patient.find((alarm) => nameOf(alarm) === 'flows-late')!;
    expect(late).toMatchObject({ Threshold: 24 * 60 });
  });
});
