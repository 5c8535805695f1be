import { describe, expect, it } from 'vitest';
import type { FlushReport } from '../../../lambda/telemetry/flush-report.ts';
import {
  emittedByFlush,
  emittedMetrics,
  eventfulReport,
  idleFlush,
  loggedByFlush,
  loggedLines,
  quietFlush,
  quietReport,
} from '../../support/emitted-metrics.ts';

const metrics = emittedMetrics('FlowSentinel-dev');

describe('EmfTelemetry', () => {
  it('publishes each number of a batch as a metric of its stack', () => {
    const common = metrics.filter(({ dimensions }) => Object.keys(dimensions).join() === 'service,stack');

    expect(new Set(metrics.map(({ namespace }) => namespace))).toEqual(new Set(['FlowSentinel']));
    expect(new Set(metrics.map(({ dimensions }) => dimensions.stack))).toEqual(new Set(['FlowSentinel-dev']));
    expect(Object.fromEntries(common.map(({ name, value }) => [name, value]))).toEqual({
      RecordsOk: 1,
      RecordsDropped: 2,
      RecordsFailed: 3,
      RecordsOverflowed: 4,
      FlowsRead: 5,
      CountersTouched: 6,
      PairsInOverflow: 7,
      GroupsDropped: 8,
      AlertsPublished: 9,
      AlertsLogged: 10,
      AlertsDeferred: 11,
      AlertsSuppressed: 12,
      AlertsWaiting: 17,
      AlertsUnlisted: 18,
      SevereAlertsWaiting: 19,
      FiltersExpired: 1,
      TimesImplausible: 17,
      DuplicateObservations: 20,
      Delay: 15,
      CountDelay: 60,
      ListLinesUnreadable: 1,
      ListReadFailed: 1,
      GeoTableReadFailed: 1,
      GeoTableAge: 60,
      NameReadsFailed: 1,
      NamesNotRequested: 3,
      ContextNotRead: 1,
      ContextNotWritten: 4,
    });
  });

  it('publishes alerts by rule and level, and failed batches by error code', () => {
    const others = metrics.filter(({ dimensions }) => Object.keys(dimensions).length > 2);
    const common = { service: 'flow-sentinel', stack: 'FlowSentinel-dev' };

    expect(others.map(({ name, dimensions, value }) => ({ name, dimensions, value }))).toEqual([
      { name: 'Alerts', dimensions: { ...common, rule: 'data_exfiltration', level: 'high' }, value: 13 },
      { name: 'Alerts', dimensions: { ...common, rule: 'beaconing', level: 'medium' }, value: 14 },
      { name: 'BatchesFailed', dimensions: { ...common, code: 'ALERT_FAILED' }, value: 1 },
      { name: 'BatchesFailed', dimensions: { ...common, code: 'UNEXPECTED' }, value: 1 },
    ]);
  });

  it('publishes a delay of 0 when a clock is ahead, since percentiles need values of at least 0', () => {
    const ahead = emittedMetrics('FlowSentinel', { ...eventfulReport, delaySeconds: -3, earliestEnd: 2_000 });

    const delays = ahead.filter(({ name }) => name === 'Delay' || name === 'CountDelay');
    expect(delays.map(({ unit, value }) => [unit, value])).toEqual([
      ['Seconds', 0],
      ['Seconds', 0],
    ]);
  });

  it('publishes five metrics of a batch, and no zeros, when nothing unusual happened', () => {
    const names = emittedMetrics('FlowSentinel', { ...quietReport, delaySeconds: 0 }).map(({ name }) => name);
    const ofBatch = names.filter((name) => !/^(?:List|Name|Context|GeoTable)/.test(name) && name !== 'BatchesFailed');
    expect(ofBatch).toEqual(['RecordsOk', 'FlowsRead', 'CountersTouched', 'Delay', 'CountDelay']);
  });

  it('publishes no delay when no flow has a time', () => {
    const names = emittedMetrics('FlowSentinel', {
      ...eventfulReport,
      delaySeconds: undefined,
      earliestEnd: undefined,
    });
    expect(names.map(({ name }) => name)).not.toContain('Delay');
    expect(names.map(({ name }) => name)).not.toContain('CountDelay');
  });

  it('publishes what a flush counted, left behind and alerted on', () => {
    const flushed = emittedByFlush('FlowSentinel-dev');
    expect(Object.fromEntries(flushed.map(({ name, unit, value }) => [name, `${value} ${unit}`]))).toEqual({
      CountersTouched: '4 Count',
      AlertsPublished: '9 Count',
      AlertsLogged: '10 Count',
      AlertsDeferred: '11 Count',
      AlertsSuppressed: '12 Count',
      AlertsWaiting: '17 Count',
      AlertsUnlisted: '18 Count',
      SevereAlertsWaiting: '19 Count',
      UncountedAge: '5 Seconds',
      ClockAhead: '6 Seconds',
      CountDelay: '60 Seconds',
      Alerts: '13 Count',
      FlushesFailed: '1 Count',
    });
    expect(flushed.at(-1)!.dimensions).toMatchObject({ stack: 'FlowSentinel-dev', code: 'PAGE_VERSION' });
  });

  it('publishes the age of the oldest page of a flush that found nothing, and nothing between two flushes', () => {
    const namesOf = (report: FlushReport) => emittedByFlush('FlowSentinel', report).map(({ name }) => name);
    expect(namesOf(quietFlush)).toEqual(['UncountedAge', 'FlushesFailed']);
    expect(namesOf(idleFlush)).toEqual(['FlushesFailed']);
    expect(loggedByFlush(idleFlush).map(({ message }) => message)).toEqual(['flush failed']);
  });

  it('logs why a batch failed', () => {
    expect(loggedLines('FlowSentinel').filter(({ message }) => message === 'batch failed')).toMatchObject([
      { level: 'ERROR', code: 'ALERT_FAILED', problem: 'no subscriber' },
      { level: 'ERROR', code: 'UNEXPECTED', problem: 'anything' },
    ]);
  });
});
