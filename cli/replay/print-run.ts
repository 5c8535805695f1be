import { styleText } from 'node:util';
import type { Alert } from '../../lambda/alert/alert.ts';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { readQuantities, writeQuantities } from '../../lambda/common/quantity.ts';
import { leftOutText, monitoringJson } from '../monitored-networks/left-out-text.ts';
import type { ReportCollector } from '../report/report-collector.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { uncountedText } from '../statistics/uncounted-text.ts';
import { blindSuffix, unseenText } from '../statistics/unseen-flows.ts';
import { heading, table } from '../terminal/text-table.ts';
import { countingJson, countingText } from './counting.ts';
import { implausibleTimesText } from './implausible-times.ts';
import type { NamedEvent, RunResult } from './run-events.ts';

/** The flows of a run that count 0, and the rules that could not alert on all flows. */
type RunSight = Pick<ReportCollector, 'records' | 'unseen'>;

/** Formats a run as text: records by result, the busiest pairs, and each alert as its e-mail. */
export function runText(
  events: readonly NamedEvent[],
  { responses, pairs, alerts, logged, implausibleTimes, monitoring, counting, sources }: RunResult,
  { records: { uncounted }, unseen }: RunSight,
): string {
  const results = events.map(({ name }, index) => {
    const records = responses[index]?.records ?? [];
    const count = (result: string) => formatInteger(records.filter((record) => record.result === result).length);
    return [name, count('Ok'), count('Dropped'), count('ProcessingFailed')];
  });
  const mailOf = ({ subject, text }: Pick<Alert, 'subject' | 'text'>) =>
    `${subjectLine(subject)}\n\n${indented(text)}\n`;
  return [
    heading('Records'),
    table(['event', 'Ok', 'Dropped', 'ProcessingFailed'], results, [1, 2, 3]) +
      implausibleTimesText(implausibleTimes) +
      uncountedText(uncounted) +
      countingText(counting),
    leftOutText(monitoring),
    pairTable(pairs, sources),
    heading(
      alerts.length === 0
        ? `No alerts${blindSuffix(unseen)}`
        : alerts.length === 1
          ? '1 alert, as an e-mail'
          : `${formatInteger(alerts.length)} alerts, as e-mails`,
    ),
    '',
    ...alerts.map(mailOf),
    ...(logged.length === 0
      ? []
      : [heading('Logged and not sent, since the rule is experimental'), '', ...logged.map(mailOf)]),
    ...(unseen.length > 0 ? [unseenText(unseen), ''] : []),
  ].join('\n');
}

/** Formats a run as one JSON document. */
export function runJson(
  { responses, pairs, alerts, logged, implausibleTimes, monitoring, counting }: RunResult,
  { records: { uncounted }, unseen }: RunSight,
): string {
  const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => unknown;
  const bodies = (all: readonly Pick<Alert, 'body'>[]) => all.map(({ body }) => parse(body, readQuantities));
  const run = {
    responses,
    ...(monitoring && { ...monitoringJson(monitoring), leftOut: monitoring.leftOut }),
    ...(implausibleTimes > 0 && { implausibleTimes }),
    ...countingJson(counting),
    uncounted,
    unseen,
    pairs,
    alerts: bodies(alerts),
    logged: bodies(logged),
  };
  return `${JSON.stringify(run, writeQuantities, 2)}\n`;
}

function subjectLine(subject: string): string {
  return styleText(['bold', 'red'], `  Subject: ${subject}`, { stream: process.stdout });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
