import { type AlertBody, keyOf } from './alert-body.ts';
import { anyAddress } from './collapse.ts';
import { evidenceOf } from './evidence.ts';
import type { Finding } from './judge.ts';
import { amount, byteSize, digits, duration, groupName, printable, subjectOf, utc } from './wording.ts';

/** The mail's subject: how bad, who, how much, and then what, so that a phone shows what matters. */
export function alertSubject({ rule, claim, delta }: Finding): string {
  const value = `${amount(claim.value, rule.correlation)} in ${duration(rule.timespanSeconds)}`;
  return subjectOf(`${rule.level.toUpperCase()}: ${groupName(keyOf(rule, delta))}: ${value}, ${rule.title}`);
}

/** The mail's text: what happened, the evidence, and what to do next, in under 40 lines. */
export function alertText(finding: Finding, body: AlertBody): string {
  const { rule, claim, delta } = finding;
  const threshold = `${rule.comparison === 'gt' ? 'more than' : 'at least'} ${amount(rule.threshold, rule.correlation)}`;
  const atLeast = body.valueIsLowerBound ? 'at least ' : '';
  const evidence = evidenceOf(rule, delta.evidence);
  const seen = (field: string) => {
    const values = evidence?.values.get(field)?.map(printable).join(', ');
    return values === undefined ? undefined : `${values}${evidence?.more.has(field) ? ' and more' : ''}`;
  };
  const rows: [string, string | 0 | undefined][] = [
    ['Value', `${atLeast}${amount(claim.value, rule.correlation)}${exactBytes(finding)}`],
    ['Threshold', `${threshold} in ${duration(rule.timespanSeconds)}${timesOver(claim.multiple)}`],
    ['Window', `${utc(claim.from)} to ${utc(claim.to)} UTC`],
    ['First seen', `${utc(body.firstSeen)} UTC`],
    ['Last seen', `${utc(body.lastSeen)} UTC`],
    ['In all', body.totals && `${byteSize(body.totals.bytes)} accepted, ${digits(body.totals.rejects)} rejected`],
    ['This batch', `${digits(body.evidence.flows)} flow record${body.evidence.flows === 1 ? '' : 's'}`],
    [
      'Collapsed',
      body.collapsedPairs && `${digits(body.collapsedPairs)} light pairs of a flood, counted together here`,
    ],
    ['From', seen('srcaddr')],
    ['To', seen('dstaddr')],
    ['Ports', seen('dstport')],
    ['Protocols', seen('protocol')],
    ['Interfaces', seen('interface-id')],
    ['Instances', seen('instance-id')],
    ['Subnets', seen('subnet-id')],
    ['VPC', seen('vpc-id')],
    [
      'Account',
      [body.account, body.region]
        .filter((part) => part !== undefined)
        .map(printable)
        .join(' ') || undefined,
    ],
    ['Severity', rule.level],
    ['Technique', rule.techniques.map(techniqueLink).join(', ') || undefined],
  ];
  return [
    `${rule.level.toUpperCase()}: ${printable(rule.title)}`,
    `${groupName(body.key)}: ${atLeast}${amount(claim.value, rule.correlation)} in ${duration(rule.timespanSeconds)}`,
    '',
    ...(rule.description === '' ? [] : [printable(rule.description), '']),
    ...rows.flatMap(([label, value]) => (value ? [`${label.padEnd(11)}${value}`] : [])),
    '',
    'Look at next',
    ...rule.next.map((advice) => `- ${printable(advice)}`),
    `- Its flows in Athena: ${flowQuery(finding, body)}`,
    ...(rule.falsepositives.length > 0 ? ['', `Harmless when: ${printable(rule.falsepositives.join('; '))}`] : []),
    '',
    `Rule ${rule.name}, alert ${claim.id}.`,
    silence(finding),
    '',
  ].join('\n');
}

function exactBytes({ claim, rule: { correlation } }: Finding): string {
  return correlation.type === 'value_sum' && correlation.field === 'bytes' ? ` (${digits(claim.value)} bytes)` : '';
}

function timesOver(multiple: number): string {
  return multiple === 1 ? '' : `; ${digits(multiple)} times that is reached`;
}

function techniqueLink(technique: string): string {
  return `${technique} https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`;
}

/** A query to paste, on the table of docs/athena.md; it asks for the ends that are counted, and `end` is reserved there. */
function flowQuery({ claim, delta, rule }: Finding, { key }: AlertBody): string {
  const hasTrueEnds = evidenceOf(rule, delta.evidence)?.hasTrueEnds ?? false;
  const where = Object.entries(key).flatMap(([name, value]) =>
    value === anyAddress ? [] : [`${column(name, hasTrueEnds)} = '${printable(value).replaceAll("'", "''")}'`],
  );
  const when = `"end" BETWEEN ${claim.from} AND ${claim.to}`;
  return `SELECT * FROM vpc_flow_logs WHERE ${[...where, when].join(' AND ')} ORDER BY "end"`;
}

function column(name: string, hasTrueEnds: boolean): string {
  if (hasTrueEnds && (name === 'srcaddr' || name === 'dstaddr')) return `COALESCE(pkt_${name}, ${name})`;
  return name === 'end' || name === 'start' ? `"${name}"` : name.replaceAll('-', '_');
}

function silence({ rule, claim }: Finding): string {
  const next = rule.escalate.find((multiple) => multiple > claim.multiple);
  const unless = next === undefined ? '' : `, unless it reaches ${digits(next)} times the threshold`;
  return `No further alert of this rule for the same traffic for ${duration(rule.suppressSeconds)}${unless}.`;
}

/** The subject of one mail for many alerts of a rule, the fullest first. */
export function digestSubject(findings: readonly Finding[]): string {
  const { rule, claim, delta } = findings[0]!;
  const most = `${groupName(keyOf(rule, delta))} with ${amount(claim.value, rule.correlation)}`;
  return subjectOf(`${rule.level.toUpperCase()}: ${digits(findings.length)} at once, most ${most}, ${rule.title}`);
}

/** How many of a digest's keys are listed for people. */
const listedKeys = 9;

/** The text of one mail for many alerts of a rule: that of the fullest, with the next ones listed. */
export function digestText(findings: readonly Finding[], body: AlertBody): string {
  const top = findings[0]!;
  const others = findings
    .slice(1, 1 + listedKeys)
    .map(({ rule, delta, claim }) => `- ${groupName(keyOf(rule, delta))}: ${amount(claim.value, rule.correlation)}`);
  const [title, ...text] = alertText(top, body).split('\n');
  return [
    title,
    `${digits(findings.length)} alerts of this rule at once. The others, the fullest first, and below the fullest of all:`,
    ...others,
    ...(findings.length > 1 + listedKeys ? ['- and more'] : []),
    '',
    ...text.filter((line) => !line.startsWith('Harmless when:')),
  ].join('\n');
}
