import { evidenceOf } from '../aggregate/evidence.ts';
import { approximateDuration, byteSize, duration, formatInteger, utc } from '../common/format-units.ts';
import { printable, truncate } from '../common/text.ts';
import type { Finding } from '../evaluate/finding.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { protocolName, tcpFlagNames } from '../flow-log/service-names.ts';
import type { AlertBody } from './alert-body.ts';
import { conditionText } from './condition-text.ts';
import { findingValueText, headline } from './headline.ts';
import { listedNames } from './known-names.ts';
import { athenaQuery, explainCommand, insightsQuery, silenceAlertCommand, silenceCommand } from './queries.ts';

/** The mail's text: all in the first line, then why, the evidence, and what to do next, in under 40 lines. */
export function alertText(finding: Finding, body: AlertBody): string {
  const { rule, delta, record } = finding;
  const evidence = evidenceOf(rule, delta.evidence);
  return linesOf(
    headline(finding),
    '',
    ...(rule.description === '' ? [] : [printable(rule.description), '']),
    `Why: ${why(finding)}`,
    ...rows([
      ['Steps', stepsText(body)],
      ...timeRows(body),
      ['This batch', batchText(body)],
      ['Held back', body.suppressed > 0 && suppressedText(body)],
      ...evidenceRows(evidence, body),
      ['Account', [body.account, body.region].filter((part) => part !== undefined).join(' ')],
      ['Known as', listedNames(body.names)],
      ['Technique', rule.techniques.map(techniqueLink).join(', ')],
    ]),
    '',
    ...whatToDo(finding),
    `- Flows in Athena: ${athenaQuery(body.key, record, evidence?.hasPacketAddresses ?? false)}`,
    `- Flows in CloudWatch Logs Insights: ${insightsQuery(body.key)}`,
    ...howToSilence(finding, body, 'it'),
    '',
    ...harmlessWhen(finding),
    `Rule ${printable(rule.name)}, alert ${record.id}.`,
    nextAlert(finding),
  );
}

/** The text of the note that what was alerted has ended. */
export function endText(finding: Finding, body: AlertBody): string {
  const { rule, record } = finding;
  return linesOf(
    headline(finding),
    '',
    `No longer so: ${conditionText(rule)}.`,
    'That it has ended does not say why: it may be over, or only have paused.',
    ...rows([
      ...timeRows(body),
      ['Account', [body.account, body.region].filter((part) => part !== undefined).join(' ')],
    ]),
    '',
    `- What the rule looks for: ${explainCommand(rule.name)}`,
    '',
    `Rule ${printable(rule.name)}, alert ${record.id}. It closes ${body.finding_info.uid}.`,
    'When it begins again there is a new alert.',
  );
}

export function linesOf(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

type Row = readonly [label: string, value: string | false | undefined];

/** A line for each row that has a value; all of them on one line, whatever stands in them. */
export function rows(all: readonly Row[]): string[] {
  return all.flatMap(([label, value]) => (value ? [`${label}: ${printable(value)}`] : []));
}

/** Why a rule fired, in a sentence or two. */
function why(finding: Finding): string {
  const { rule, record } = finding;
  const { correlation } = rule;
  const asked = `${conditionText(rule)}.`;
  const exact =
    correlation.type === 'value_sum' && correlation.field === 'bytes' ? ` (${formatInteger(record.value)} bytes)` : '';
  const isSaid =
    correlation.type === 'value_percentile' || ('parts' in correlation && correlation.parts.length === record.value);
  const was = isSaid ? '' : ` It was ${findingValueText(finding)}${exact}${timesOver(record.multiple)}.`;
  const order = correlation.type === 'temporal_ordered' && record.isLowerBound;
  return `${asked}${was}${order ? ' Some times are known to the slot only, so the order may be another.' : ''}`;
}

/** Which steps were there, where not all were. */
function stepsText({ steps = [] }: AlertBody): string | undefined {
  if (steps.every(({ matched }) => matched)) return undefined;
  return steps.map(({ rule, matched }) => `${rule} ${matched ? 'seen' : 'not seen'}`).join(', ');
}

function timesOver(multiple: number): string {
  return multiple === 1 ? '' : `; ${formatInteger(multiple)} times that is reached`;
}

export function timeRows({ window, firstSeen, lastSeen, totals }: AlertBody): Row[] {
  return [
    ['Window', `${utc(window.from)} to ${utc(window.to)} UTC`],
    ['Seen', `first ${utc(firstSeen)}, last ${utc(lastSeen)} UTC`],
    ['In all', totals && `${byteSize(totals.bytes)} accepted, ${formatInteger(totals.rejects)} rejected`],
  ];
}

function batchText({ evidence: { flows }, late, collapsedPairs }: AlertBody): string {
  return [
    `${formatInteger(flows)} flow record${flows === 1 ? '' : 's'}`,
    ...(late ? [`here ${approximateDuration(late)} after the last of them`] : []),
    ...(collapsedPairs ? [`${formatInteger(collapsedPairs)} light pairs of a flood, counted together`] : []),
  ].join(', ');
}

function suppressedText({ suppressed }: AlertBody): string {
  return `${formatInteger(suppressed)} more batch${suppressed === 1 ? '' : 'es'} since the alert before, at least`;
}

/** So much of one value is shown; the JSON body has more. */
const maxShown = 64;

function evidenceRows(evidence: Evidence | undefined, { names }: AlertBody): Row[] {
  const seen = (field: string, name: (value: string) => string | undefined = () => undefined) => {
    const values = evidence?.values.get(field)?.map((value) => {
      const known = name(value);
      return `${truncate(printable(value), maxShown)}${known === undefined ? '' : ` ${known}`}`;
    });
    return values && `${values.join(', ')}${evidence?.truncatedFields.has(field) ? ' and more' : ''}`;
  };
  const service = (port: string) => names.services.find((one) => String(one.port) === port)?.name;
  const networks = [seen('subnet-id'), seen('vpc-id')];
  const ways = [seen('action'), seen('flow-direction')];
  return [
    ['From', seen('srcaddr')],
    ['To', seen('dstaddr')],
    ['Ports', seen('dstport', service)],
    ['Protocols', seen('protocol', protocolName)],
    ['TCP flags', seen('tcp-flags', tcpFlagNames)],
    ['Action', ways.filter((text) => text !== undefined).join('; ')],
    ['Rejected for', seen('reject-reason')],
    ['Interfaces', seen('interface-id')],
    ['Instances', seen('instance-id')],
    ['Networks', networks.filter((text) => text !== undefined).join('; ')],
  ];
}

function techniqueLink(technique: string): string {
  return `${technique} https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`;
}

/** A rule may have ten pieces of advice: a mail has room for so many lines of them. */
const adviceLines = 4;

/** What a rule says to look at next, and how to learn more of it. */
export function whatToDo({ rule }: Finding): string[] {
  const first = rule.next.slice(0, adviceLines - 1);
  const others = rule.next.slice(adviceLines - 1).join(' ');
  return [
    'What to do',
    ...[...first, others].flatMap((advice) => (advice === '' ? [] : [`- ${printable(advice)}`])),
    `- What the rule looks for: ${explainCommand(rule.name)}`,
  ];
}

/** @param what what is silenced: a word for it */
export function howToSilence({ rule, record }: Finding, { key }: AlertBody, what: string): string[] {
  const command = silenceCommand(rule.name, key, record);
  return [
    ...(command === undefined ? [] : [`- If ${what} is harmless: ${command}`]),
    `- To hear no more of ${what} for now: ${silenceAlertCommand(rule.name, key, record)}`,
  ];
}

export function harmlessWhen({ rule }: Finding): string[] {
  return rule.falsepositives.length === 0 ? [] : [`Harmless when: ${printable(rule.falsepositives.join('; '))}`];
}

/** When the same traffic will be told of again. */
export function nextAlert({ rule, record }: Finding): string {
  const next = rule.escalate.find((multiple) => multiple > record.multiple);
  const unless = next === undefined ? '' : `, unless it reaches ${formatInteger(next)} times the threshold`;
  const until = `for ${duration(record.suppressSeconds)}, to ${utc(record.to + record.suppressSeconds)} UTC${unless}`;
  return `No further alert of this rule for the same traffic ${until}.${rule.ended ? ' A note comes when it has ended.' : ''}`;
}
