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

/** A report of a flush that left pages behind and saw a clock that is ahead. */
export const eventfulFlush: FlushReport = {
  ...eventfulReport,
  lanes: 21,
  lanesHeldElsewhere: 22,
  pages: 23,
  uncountedSeconds: 24,
  aheadSeconds: 25,
  problems: ['a page is damaged'],
};

const failure: { code: FlowErrorCode; message: string } = { code: 'ALERT_FAILED', message: 'no subscriber' };

/**
 * Returns all metrics of the function, at 1,060 s of the epoch, from its log. The telemetry runs in a separate process, as
 * in Lambda, since telemetry is silent in tests.
 */
export function emittedMetrics(stackName: string, report: BatchReport = eventfulReport): EmittedMetric[] {
  return metricsIn(logOf(stackName, reportsOf(report)));
}

/** Returns all metrics of flushes of the journal, with failures of the given codes. */
export function emittedFlushMetrics(stackName: string, codes: readonly FlowErrorCode[]): EmittedMetric[] {
  const failures = codes.map((code) => `telemetry.flushFailed(new FlowError('${code}', 'no luck'));`);
  return metricsIn(logOf(stackName, [`telemetry.flushed(${JSON.stringify(eventfulFlush)});`, ...failures]));
}

/** Returns the log lines of the function without the metrics. */
export function loggedLines(stackName: string): Record<string, unknown>[] {
  return logOf(stackName, reportsOf(eventfulReport)).filter((line) => !isEmf(line));
}

/** Returns the calls that report a batch, network lists and failures. */
function reportsOf(report: BatchReport): string[] {
  return [
    `telemetry.report(${JSON.stringify(report)});`,
    "telemetry.listRead('partners', { entries: [], unreadable: 1, problems: [] });",
    "telemetry.listFailed('partners', 'the object is missing');",
    `telemetry.failed(new FlowError(${JSON.stringify(failure.code)}, ${JSON.stringify(failure.message)}));`,
    "telemetry.failed('anything');",
  ];
}

function logOf(stackName: string, calls: readonly string[]): Record<string, unknown>[] {
  const at = (path: string) => JSON.stringify(join(import.meta.dirname, '../..', path));
  const program = `
    import { EmfTelemetry } from ${at('lambda/aws/emf-telemetry.ts')};
    import { FlowError } from ${at('lambda/common/errors.ts')};
    const telemetry = new EmfTelemetry(${JSON.stringify(stackName)}, () => 1_060_000);
    ${calls.join('\n')}
  `;
  // Log lines go to one stream, metrics to the other; Lambda's log has both.
  const command = [JSON.stringify(process.execPath), '--input-type=module --eval "$PROGRAM" 2>&1'].join(' ');
  const log = execFileSync('/bin/sh', ['-c', command], { env: { PROGRAM: program }, encoding: 'utf8' });
  return log
    .trim()
    .split('\n')
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

function metricsIn(lines: readonly Record<string, unknown>[]): EmittedMetric[] {
  return lines.flatMap((line) => (isEmf(line) ? metricsOf(line) : []));
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
