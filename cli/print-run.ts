import { styleText } from 'node:util';
import { readQuantities, writeQuantities } from '../lambda/core/quantity.ts';
import { byteSize, digits, utc } from '../lambda/core/wording.ts';
import type { NamedEvent, Run } from './run-events.ts';
import { table } from './table.ts';

const shownPairs = 10;

/** What a run came to, for people: records by result, the busiest pairs, each alert as its mail reads. */
export function runText(events: readonly NamedEvent[], { responses, pairs, alerts }: Run): string {
  const results = events.map(({ name }, index) => {
    const records = responses[index]?.records ?? [];
    const count = (result: string) => digits(records.filter((record) => record.result === result).length);
    return [name, count('Ok'), count('Dropped'), count('ProcessingFailed')];
  });
  const busiest = pairs
    .slice(0, shownPairs)
    .map(({ src, dst, bytes, rejects, firstSeen, lastSeen }) => [
      src,
      dst,
      byteSize(bytes),
      digits(rejects),
      utc(firstSeen),
      utc(lastSeen),
    ]);
  const more = pairs.length > shownPairs ? `  and ${digits(pairs.length - shownPairs)} more pairs\n` : '';
  const mails = alerts.map(({ subject, text }) => `${subjectLine(subject)}\n\n${indented(text)}\n`);
  const columns = ['source', 'destination', 'accepted', 'rejects', 'first seen', 'last seen'];
  return [
    heading('Records'),
    table(['event', 'Ok', 'Dropped', 'ProcessingFailed'], results, [1, 2, 3]),
    heading(pairs.length === 0 ? 'No pair was counted' : 'Busiest pairs (times in UTC)'),
    pairs.length === 0 ? '' : table(columns, busiest, [2, 3]) + more,
    heading(
      alerts.length === 0
        ? 'No alert'
        : alerts.length === 1
          ? '1 alert, as a mail'
          : `${digits(alerts.length)} alerts, as mails`,
    ),
    '',
    ...mails,
  ].join('\n');
}

/** What a run came to, for programs: one document. */
export function runJson({ responses, pairs, alerts }: Run): string {
  const parse = JSON.parse as (text: string, reviver: typeof readQuantities) => unknown;
  const bodies = alerts.map(({ body }) => parse(body, readQuantities));
  return `${JSON.stringify({ responses, pairs, alerts: bodies }, writeQuantities, 2)}\n`;
}

function heading(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

function subjectLine(subject: string): string {
  return styleText(['bold', 'red'], `  Subject: ${subject}`, { stream: process.stdout });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
