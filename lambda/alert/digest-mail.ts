import { evidenceOf } from '../aggregate/evidence.ts';
import { formatInteger } from '../common/format-units.ts';
import { groupName, printable } from '../common/text.ts';
import { resolutionMultiple } from '../counters/alert-record.ts';
import { keyOf } from '../counters/delta.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { AlertBody } from './alert-body.ts';
import { conditionText } from './condition-text.ts';
import { digestHeadline, findingValueText } from './headline.ts';
import { harmlessWhen, howToSilence, linesOf, nextAlert, rows, timeRows, whatToDo } from './mail.ts';
import { athenaQuery } from './queries.ts';

/** How many of a digest's keys are listed for people. */
const listedKeys = 10;

/** The text of one mail for many alerts of a rule, in under 40 lines: the fullest are listed, and their number. */
export function digestText(findings: readonly Finding[], body: AlertBody): string {
  const top = findings[0]!;
  const { rule, record, delta } = top;
  const hasTrueEnds = evidenceOf(rule, delta.evidence)?.hasPacketAddresses ?? false;
  const listed = findings.slice(0, listedKeys).map((one) => {
    return `- ${groupName(keyOf(one.rule, one.delta))}: ${findingValueText(one)}`;
  });
  const more = findings.length - listed.length;
  if (record.multiple === resolutionMultiple) {
    return linesOf(
      digestHeadline(findings),
      '',
      `No longer so: ${conditionText(rule)}.`,
      ...findings.slice(0, listedKeys).map((one) => `- ${groupName(keyOf(one.rule, one.delta))}`),
      ...(more > 0 ? [`- and ${formatInteger(more)} more`] : []),
      '',
      `Rule ${printable(rule.name)}, alert ${record.id}.`,
      'When it begins again there is a new alert.',
    );
  }
  return linesOf(
    digestHeadline(findings),
    '',
    ...(rule.description === '' ? [] : [printable(rule.description), '']),
    `Why: ${conditionText(rule)}, ${formatInteger(findings.length)} times in one batch. The fullest:`,
    ...listed,
    ...(more > 0 ? [`- and ${formatInteger(more)} more`] : []),
    '',
    'Of the first',
    ...rows(timeRows(body)),
    '',
    ...whatToDo(top),
    `- Its flows in Athena: ${athenaQuery(body.key, record, hasTrueEnds)}`,
    ...howToSilence(top, body, 'the first'),
    '',
    ...harmlessWhen(top),
    `Rule ${printable(rule.name)}, alert ${record.id}.`,
    nextAlert(top),
  );
}
