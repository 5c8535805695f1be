import { styleText } from 'node:util';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { readQuantities, writeQuantities } from '../../lambda/common/quantity.ts';
import { leftOutText, monitoringJson } from '../monitored-networks/left-out-text.ts';
import { pairTable } from '../statistics/pair-table.ts';
import { heading, table } from '../terminal/text-table.ts';
import { implausibleTimesText } from './implausible-times.ts';
import type { NamedEvent, RunResult } from './run-events.ts';

/** Formats a run as text: records by result, the busiest pairs, and each alert as its e-mail. */
export function runText(
  events: readonly NamedEvent[],
  { responses, pairs, alerts, implausibleTimes, monitoring }: RunResult,
): string {
  const results = events.map(({ name }, index) => {
    const records = responses[index]?.records ?? [];
    const count = (result: string) => formatInteger(records.filter((record) => record.result === result).length);
    return [name, count('Ok'), count('Dropped'), count('ProcessingFailed')];
  });
  const mails = alerts.map(({ subject, text }) => `${subjectLine(subject)}\n\n${indented(text)}\n`);
  return [
    heading('Records'),
    table(['event', 'Ok', 'Dropped', 'ProcessingFailed'], results, [1, 2, 3]) +
      implausibleTimesText(implausibleTimes) +
      leftOutText(monitoring),
    pairTable(pairs),
    heading(
      alerts.length === 0
        ? 'No alerts'
        : alerts.length === 1
          ? '1 alert, as an e-mail'
          : `${formatInteger(alerts.length)} alerts, as e-mails`,
    ),
    '',
    ...mails,
  ].join('\n');
}

/** Formats a run as one JSON document. */
export function runJson({ responses, pairs, alerts, implausibleTimes, monitoring }: RunResult): string {
  const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => unknown;
  const bodies = alerts.map(({ body }) => parse(body, readQuantities));
  const run = {
    responses,
    ...(monitoring && { ...monitoringJson(monitoring), leftOut: monitoring.leftOut }),
    ...(implausibleTimes > 0 && { implausibleTimes }),
    pairs,
    alerts: bodies,
  };
  return `${JSON.stringify(run, writeQuantities, 2)}\n`;
}

function subjectLine(subject: string): string {
  return styleText(['bold', 'red'], `  Subject: ${subject}`, { stream: process.stdout });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
