import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { FlowErrorCode } from '../../lambda/common/errors.ts';
import type { BatchReport } from '../../lambda/telemetry/batch-report.ts';
import type { FlushReport } from '../../lambda/telemetry/flush-report.ts';

/** A metric in the form in which CloudWatch reads it from the log. */
export interface EmittedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A report with a different number in every field. */
export const eventfulReport: BatchReport = {
  records: { ok: 1, dropped: 2, failed: 3 },
  overflowed: 4,
  flows: 5,
  countersTouched: 6,
  overflowPairs: 7,
  droppedGroups: 8,
  implausibleTimes: 17,
  duplicateObservations: 20,
  alertsPublished: 9,
  alertsLogged: 10,
  alertsDeferred: 11,
  alertsSuppressed: 12,
  alertsWaiting: 17,
  alertsUnlisted: 18,
  severeAlertsWaiting: 19,
  alertsByRule: [
    { rule: 'data_exfiltration', level: 'high', alerts: 13 },
    { rule: 'beaconing', level: 'medium', alerts: 14 },
  ],
  expiredFilters: ['our scanner'],
  delaySeconds: 15,
  earliestEnd: 1_000,
  unreadable: 16,
  firstReason: 'it has 3 fields, expected 14',
};

/** A report of a batch in which nothing unusual happened. */
export const quietReport: BatchReport = {
  ...eventfulReport,
  records: { ok: 1, dropped: 0, failed: 0 },
  ...{ overflowed: 0, overflowPairs: 0, droppedGroups: 0, implausibleTimes: 0, duplicateObservations: 0 },
  ...{ alertsPublished: 0, alertsLogged: 0, alertsDeferred: 0, alertsSuppressed: 0, alertsWaiting: 0 },
  ...{ alertsUnlisted: 0, severeAlertsWaiting: 0, alertsByRule: [], expiredFilters: [], unreadable: 0 },
  firstReason: undefined,
};

/** A report of a flush with a different number in every field. */
export const eventfulFlush: FlushReport = {
  ...{ lanes: 1, lanesHeldElsewhere: 2, pages: 3, countersTouched: 4, uncountedSeconds: 5, aheadSeconds: 6 },
  earliestEnd: 1_000,
  problems: ['lane 3 of 16 is not flushed'],
  ...{ alertsPublished: 9, alertsLogged: 10, alertsDeferred: 11, alertsSuppressed: 12, alertsWaiting: 17 },
  ...{ alertsUnlisted: 18, severeAlertsWaiting: 19 },
  alertsByRule: [{ rule: 'data_exfiltration', level: 'high', alerts: 13 }],
};

/** A report of a flush that found nothing to count, and of an invocation before it was time to flush. */
export const quietFlush: FlushReport = {
  ...{ lanes: 16, lanesHeldElsewhere: 0, pages: 0, countersTouched: 0, uncountedSeconds: 0, aheadSeconds: 0 },
  ...{ alertsPublished: 0, alertsLogged: 0, alertsDeferred: 0, alertsSuppressed: 0, alertsWaiting: 0 },
  ...{ alertsUnlisted: 0, severeAlertsWaiting: 0, alertsByRule: [], earliestEnd: undefined, problems: [] },
};
export const idleFlush: FlushReport = { ...quietFlush, lanes: 0 };

const failure: { code: FlowErrorCode; message: string } = { code: 'ALERT_FAILED', message: 'no subscriber' };

/**
 * Returns all metrics of the function, at 1,060 s of the epoch, from its log. The telemetry runs in a separate process, as
 * in Lambda, since telemetry is silent in tests.
 */
export function emittedMetrics(stackName: string, report: BatchReport = eventfulReport): EmittedMetric[] {
  return logOf(stackName, callsOfBatches(report)).flatMap((line) => (isEmf(line) ? metricsOf(line) : []));
}

/** Returns all metrics of the flush function in the same way. */
export function emittedByFlush(
  stackName: string,
  report: FlushReport = eventfulFlush,
  codes: readonly FlowErrorCode[] = ['PAGE_VERSION'],
): EmittedMetric[] {
  return logOf(stackName, callsOfFlush(report, codes)).flatMap((line) => (isEmf(line) ? metricsOf(line) : []));
}

/** Returns the log lines of the flush function without the metrics. */
export function loggedByFlush(report: FlushReport = eventfulFlush): Record<string, unknown>[] {
  return logOf('FlowSentinel', callsOfFlush(report)).filter((line) => !isEmf(line));
}

/** Returns the log lines of the function without the metrics. */
export function loggedLines(stackName: string): Record<string, unknown>[] {
  return logOf(stackName, callsOfBatches(eventfulReport)).filter((line) => !isEmf(line));
}

/** Returns all metrics of the function that looks names up, in the same way. */
export function emittedByNames(stackName: string): EmittedMetric[] {
  const calls = `telemetry.lookedUp(['found', 'not found', 'throttled', 'denied', 'failed']);`;
  return logOf(stackName, calls, 'NameTelemetry', 'lambda/aws/name-telemetry.ts').flatMap((line) =>
    isEmf(line) ? metricsOf(line) : [],
  );
}

/** Returns all metrics of the function that stores context events, in the same way. */
export function emittedByContext(stackName: string): EmittedMetric[] {
  const calls = `
    telemetry.unresolved(new Error('no answer'));
    telemetry.unreadable('message-1', 'it is not JSON');
    telemetry.failed('message-2', new Error('no answer'));
    telemetry.handled([
      { kind: 'stored', ageSeconds: 12.4 }, { kind: 'stored', ageSeconds: -3 }, { kind: 'again' },
      { kind: 'ignored', reason: 'failed' }, { kind: 'unreadable' }, { kind: 'failed' },
    ]);
    telemetry.handled([{ kind: 'again' }]);
  `;
  return logOf(stackName, calls, 'ContextTelemetry', 'lambda/aws/context-telemetry.ts').flatMap((line) =>
    isEmf(line) ? metricsOf(line) : [],
  );
}

function callsOfBatches(report: BatchReport): string {
  return `
    telemetry.report(${JSON.stringify(report)});
    telemetry.listRead('partners', { entries: [], unreadable: 1, problems: [] });
    telemetry.listFailed('partners', 'the object is missing');
    telemetry.geoTableFailed('the object is missing', true);
    telemetry.geoTableUsed(1_000);
    telemetry.namesUnread('no answer');
    telemetry.namesUnasked(3, 'no answer');
    telemetry.contextUnread('no answer');
    telemetry.contextUnwritten(4, 'no answer');
    telemetry.failed(new FlowError(${JSON.stringify(failure.code)}, ${JSON.stringify(failure.message)}));
    telemetry.failed('anything');
  `;
}

function callsOfFlush(report: FlushReport, codes: readonly FlowErrorCode[] = ['PAGE_VERSION']): string {
  const failures = codes.map((code) => `telemetry.flushFailed(new FlowError('${code}', 'a newer page'));`);
  return [`telemetry.flushed(${JSON.stringify(report)});`, ...failures].join('\n');
}

/** @param calls code that calls `telemetry` */
function logOf(
  stackName: string,
  calls: string,
  telemetry = 'EmfTelemetry',
  file = 'lambda/aws/emf-telemetry.ts',
): Record<string, unknown>[] {
  const at = (path: string) => JSON.stringify(join(import.meta.dirname, '../..', path));
  const program = `
    import { ${telemetry} } from ${at(file)};
    import { FlowError } from ${at('lambda/common/errors.ts')};
    const telemetry = new ${telemetry}(${JSON.stringify(stackName)}, () => 1_060_000);
    ${calls}
  `;
  // Log lines go to one stream, metrics to the other; Lambda's log has both.
  const command = [JSON.stringify(process.execPath), '--input-type=module --eval "$PROGRAM" 2>&1'].join(' ');
  const log = execFileSync('/bin/sh', ['-c', command], { env: { PROGRAM: program }, encoding: 'utf8' });
  return log
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"). */
interface Emf extends Record<string, unknown> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

function isEmf(line: Record<string, unknown>): line is Emf {
  return '_aws' in line;
}

function metricsOf(line: Emf): EmittedMetric[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(names.map((name) => [name, String(line[name])])),
        value: Number(line[Name]),
      })),
    ),
  );
}
