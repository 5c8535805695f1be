import { evidenceOf } from '../aggregate/evidence.ts';
import { approximateDuration, byteSize, duration, formatInteger, utc } from '../common/format-units.ts';
import { readableValue } from '../common/tag-text.ts';
import { printable, truncate } from '../common/text.ts';
import type { Finding } from '../evaluate/finding.ts';
import { loggingEndpoint } from '../flow-log/endpoints.ts';
import type { Evidence } from '../flow-log/evidence.ts';
import { fieldOf } from '../flow-log/flow.ts';
import { regionFields } from '../flow-log/region-fields.ts';
import { protocolName, tcpFlagNames } from '../flow-log/service-names.ts';
import { tagFieldsOf } from '../flow-log/tag-fields.ts';
import { canonicalAddress } from '../networks/ip-address.ts';
import type { Rule } from '../rules/model.ts';
import { distinctNoun } from '../rules/value-text.ts';
import type { AddressSources } from './address-sources.ts';
import type { AlertBody } from './alert-body.ts';
import { aroundLines } from './around-text.ts';
import { askedText } from './asked-text.ts';
import { conditionText } from './condition-text.ts';
import { distinctText } from './distinct-text.ts';
import { eventLine } from './event-text.ts';
import { findingValueText, headline } from './headline.ts';
import { listedNames } from './known-names.ts';
import {
  type Addresses,
  athenaQuery,
  athenaValuesQuery,
  explainCommand,
  insightsQuery,
  silenceAlertCommand,
  silenceCommand,
} from './queries.ts';
import type { TagKeys } from './tag-names.ts';
import { whereText } from './where-text.ts';
import { whoText } from './who-text.ts';

/** Writes the e-mail of an alert in fewer than 40 lines: the headline, the reason, the evidence and the next steps. */
export function alertText(finding: Finding, body: AlertBody, sources: AddressSources = {}): string {
  const { rule, delta, record } = finding;
  const evidence = evidenceOf(rule, delta.evidence);
  const head = [
    headline(finding),
    '',
    ...(rule.description === '' ? [] : [printable(rule.description), '']),
    `Why: ${reasonText(finding)}`,
  ];
  const rows = rowLines([
    ['Who', whoText(body.names, body.window, sources.names?.time)],
    ['Where', whereText(body.names, sources.regions?.dataTime)],
    ['Asked for', askedText(body.names)],
    ['Steps', stepsText(body)],
    ...timeRows(body),
    ...eventRows(body),
    ['This batch', evidence !== undefined && batchText(body)],
    distinctRow(finding, body),
    ['Suppressed', body.suppressed > 0 && suppressedText(body)],
    ...evidenceRows(evidence, body, sources.tagKeys),
    ['Account', accountText(body)],
    ['Known as', listedNames(body.names)],
    ['Technique', rule.techniques.map(techniqueLink).join(', ')],
  ]);
  const steps = [
    '',
    ...adviceLines(finding),
    ...athenaLines(finding, body),
    ...insightsLines(finding, body),
    ...silenceLines(finding, body, 'it'),
    '',
    ...falsePositiveLines(finding),
    `Rule ${printable(rule.name)}, alert ${record.id}.`,
    nextAlertText(finding),
  ];
  const free = maxLines - head.length - steps.length;
  const kept = withoutLesser(rows, free - Math.min(leastAround, aroundLines(body.around, maxLines).length));
  return linesOf(...head, ...kept, ...aroundLines(body.around, free - kept.length), ...steps);
}

/** The most lines of an e-mail. */
export const maxLines = 39;

/** The lines that are left for what happened around the hosts. */
const leastAround = 8;

/** The rows that make room for what happened around the hosts, the first ones first: the JSON body has all. */
const lesserRows = ['TCP flags', 'Tags', 'Networks', 'Protocols', 'Suppressed', 'Instances', 'In all', 'This batch'];

/** Returns rows without the lesser ones that are too many. */
function withoutLesser(rows: readonly string[], most: number): readonly string[] {
  const dropped = lesserRows
    .map((label) => rows.find((row) => row.startsWith(`${label}: `)))
    .filter((row) => row !== undefined);
  const surplus = new Set(dropped.slice(0, Math.max(0, rows.length - most)));
  return rows.filter((row) => !surplus.has(row));
}

/**
 * Returns the addresses that a query looks for, by their fields. Records have no regions, so a key with regions alone needs
 * the addresses of the flows.
 */
function addressesOf({ key, evidence }: AlertBody): Addresses {
  const names = Object.keys(key);
  const ofRegions = names.flatMap((name) => regionFields.get(name)?.address ?? []);
  if (ofRegions.length < names.length) return [];
  return [...new Set(ofRegions)].flatMap((name): Addresses => {
    const addresses = (evidence[name] ?? []) as readonly string[];
    return addresses.length === 0 ? [] : [[name, addresses]];
  });
}

/** The part of a query's title that says which addresses the query looks for, if these are not those of the key. */
function ofAddresses(body: AlertBody): string {
  return addressesOf(body).length > 0 ? ' of the addresses above' : '';
}

/**
 * Returns what queries for flows look for: the key, or its addresses if the rule reads events, whose other fields flows do
 * not have. Undefined if that leaves nothing to look for.
 */
function queriedKey({ sources }: Rule, { key, scope }: AlertBody): Readonly<Record<string, string>> | undefined {
  if (!sources) return { ...key, ...scope };
  const addresses = Object.entries(key).filter(([, value]) => canonicalAddress(value) !== undefined);
  return addresses.length === 0 ? undefined : { ...Object.fromEntries(addresses), ...scope };
}

function insightsLines({ rule }: Finding, body: AlertBody): string[] {
  const key = queriedKey(rule, body);
  const addresses = addressesOf(body);
  return key ? [`- Flows${ofAddresses(body)} in CloudWatch Logs Insights: ${insightsQuery(key, addresses)}`] : [];
}

/** Returns the line with the Athena query: for the distinct values of a rule that counts these, otherwise for the flows. */
export function athenaLines({ rule, delta, record }: Finding, body: AlertBody, of = ''): string[] {
  const { distinct, valueIsLowerBound } = body;
  const key = queriedKey(rule, body);
  if (!key) return [];
  const addresses = addressesOf(body);
  const what = of + ofAddresses(body);
  const hasPacketAddresses = evidenceOf(rule, delta.evidence)?.hasPacketAddresses ?? false;
  // Records have no regions and no fields of events, so a query cannot count them.
  const isOfRecords =
    !rule.sources && [distinct?.field ?? '', ...(distinct?.also ?? [])].every((name) => !regionFields.has(name));
  return distinct && isOfRecords
    ? [
        `- Values${what} in Athena: ${athenaValuesQuery(key, record, hasPacketAddresses, distinct, valueIsLowerBound, addresses)}`,
      ]
    : [`- Flows${what} in Athena: ${athenaQuery(key, record, hasPacketAddresses, addresses)}`];
}

/** The most distinct values in the e-mail; the JSON body has more. */
const maxDistinctShown = 20;

function distinctRow({ rule: { correlation } }: Finding, { distinct, valueIsLowerBound }: AlertBody): Row {
  if (!distinct || correlation.type !== 'value_count') return ['All', undefined];
  return [`All ${distinctNoun(correlation)}`, distinctText(distinct, valueIsLowerBound, maxDistinctShown)];
}

/** The last line of a resolution notice. */
export const newAlertText = 'If the traffic begins again, a new alert is sent.';

/** Writes the e-mail of a resolution notice. */
export function resolutionText(finding: Finding, body: AlertBody): string {
  const { rule, record } = finding;
  return linesOf(
    headline(finding),
    '',
    noLongerMet(finding),
    'The traffic may be over, or may only have paused. This notice does not show which.',
    ...rowLines([...timeRows(body), ['Account', accountText(body)]]),
    '',
    `- What the rule looks for: ${explainCommand(rule.name)}`,
    '',
    `Rule ${printable(rule.name)}, alert ${record.id}. It closes alert ${body.finding_info.uid}.`,
    newAlertText,
  );
}

/** Returns the line of a resolution notice with the condition that no longer holds. */
export function noLongerMet({ rule }: Finding): string {
  return `No longer met: ${conditionText(rule)}.`;
}

/** Joins lines, and ends the last one. */
export function linesOf(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

type Row = readonly [label: string, value: string | false | undefined];

/** Returns one line for each row with a value. A value cannot begin another line. */
export function rowLines(rows: readonly Row[]): string[] {
  return rows.flatMap(([label, value]) => (value ? [`${label}: ${printable(value)}`] : []));
}

/** Returns why a rule alerts, in one or two sentences. */
function reasonText(finding: Finding): string {
  const { rule, record } = finding;
  const { correlation } = rule;
  const condition = `${conditionText(rule)}.`;
  const exact =
    correlation.type === 'value_sum' && correlation.field === 'bytes' ? ` (${formatInteger(record.value)} bytes)` : '';
  const saysValue =
    correlation.type === 'value_percentile' || ('parts' in correlation && correlation.parts.length === record.value);
  const value = saysValue ? '' : ` It was ${findingValueText(finding)}${exact}${multipleText(record.multiple)}.`;
  const isUncertain = correlation.type === 'temporal_ordered' && record.isLowerBound;
  return `${condition}${value}${isUncertain ? ' Some times are known only to the slot, so the order may differ.' : ''}`;
}

function multipleText(multiple: number): string {
  return multiple === 1 ? '' : `, which reaches ${formatInteger(multiple)} times the threshold`;
}

/** Returns which steps occurred, or undefined if all did. */
function stepsText({ steps = [] }: AlertBody): string | undefined {
  if (steps.every(({ matched }) => matched)) return undefined;
  return steps.map(({ rule, matched }) => `${rule} ${matched ? 'seen' : 'not seen'}`).join(', ');
}

/** Returns the rows of the window and of the key since its first flow. */
export function timeRows({ window, firstSeen, lastSeen, totals }: AlertBody): Row[] {
  return [
    ['Window', `${utc(window.from)} to ${utc(window.to)} UTC`],
    ['Seen', `first ${utc(firstSeen)}, last ${utc(lastSeen)} UTC`],
    ['In all', totals && `${byteSize(totals.bytes)} accepted, ${formatInteger(totals.rejects)} rejected`],
  ];
}

function accountText({ account, region }: AlertBody): string {
  return [account, region].filter((part) => part !== undefined).join(' ');
}

/** The most events in the e-mail; the JSON body has more. */
const maxEvents = 3;

function eventRows({ events = [] }: AlertBody): Row[] {
  return events.slice(0, maxEvents).map((event): Row => ['Event', eventLine(event)]);
}

function batchText({ evidence: { flows }, late, collapsedPairs }: AlertBody): string {
  return [
    `${formatInteger(flows)} flow record${flows === 1 ? '' : 's'}`,
    ...(late ? [`arrived ${approximateDuration(late)} after the last flow ended`] : []),
    ...(collapsedPairs ? [`${formatInteger(collapsedPairs)} light pairs of a flood counted together`] : []),
  ].join(', ');
}

function suppressedText({ suppressed }: AlertBody): string {
  return `alerts of at least ${formatInteger(suppressed)} batch${suppressed === 1 ? '' : 'es'} since the previous alert`;
}

/** The most characters of one value in the e-mail; the JSON body has more. */
const maxValueLength = 64;

function evidenceRows(evidence: Evidence | undefined, { names }: AlertBody, tagKeys?: TagKeys): Row[] {
  const valuesOf = (field: string, name: (value: string) => string | undefined = () => undefined) => {
    const values = evidence?.values.get(field)?.map((value) => {
      const known = name(value);
      return `${truncate(printable(readableValue(field, value)), maxValueLength)}${known === undefined ? '' : ` ${known}`}`;
    });
    return values && `${values.join(', ')}${evidence?.truncatedFields.has(field) ? ' and more' : ''}`;
  };
  const service = (port: string) => names.services.find((one) => String(one.port) === port)?.name;
  const networks = [valuesOf('subnet-id'), valuesOf('vpc-id')];
  const tags = Object.values(tagFieldsOf)
    .flat()
    .map((field) => prefixed(tagKeys?.get(field) ?? field, valuesOf(field)));
  const actions = [valuesOf('action'), valuesOf('flow-direction'), prefixed('rejected for', valuesOf('reject-reason'))];
  const sources = [valuesOf('srcaddr'), prefixed('AWS service', valuesOf('pkt-src-aws-service'))];
  const destinations = [valuesOf('dstaddr'), prefixed('AWS service', valuesOf('pkt-dst-aws-service'))];
  const ports = [valuesOf('dstport', service), prefixed('from', valuesOf('srcport', service))];
  return [
    ['From', joined(sources)],
    ['To', joined(destinations)],
    ['Ports', joined(ports)],
    ['Protocols', valuesOf('protocol', protocolName)],
    ['TCP flags', valuesOf('tcp-flags', tcpFlagNames)],
    ['Action', joined(actions)],
    ['Interfaces', valuesOf('interface-id')],
    ['Instances', valuesOf('instance-id', (id) => endpointText(evidence!, id))],
    ['Networks', joined(networks)],
    ['Tags', joined(tags)],
  ];
}

function joined(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join('; ');
}

function prefixed(word: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${word} ${text}`;
}

/** Returns which endpoint of the sampled flows an instance is: `(source)`; undefined if the flows do not show this. */
function endpointText({ samples }: Evidence, instance: string): string | undefined {
  const ends = samples.flatMap((flow) => {
    return fieldOf(flow, 'instance-id') === instance ? (loggingEndpoint(flow) ?? []) : [];
  });
  const names = [...(ends.includes('src') ? ['source'] : []), ...(ends.includes('dst') ? ['destination'] : [])];
  return names.length === 0 ? undefined : `(${names.join(' and ')})`;
}

function techniqueLink(technique: string): string {
  return `${technique} https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`;
}

/** The most lines of advice in an e-mail; a rule may have ten pieces of advice. */
const maxAdviceLines = 4;

/** Returns the rule's advice, and the command that explains the rule. */
export function adviceLines({ rule }: Finding): string[] {
  const first = rule.next.slice(0, maxAdviceLines - 1);
  const others = rule.next.slice(maxAdviceLines - 1).join(' ');
  return [
    'What to do',
    ...[...first, others].flatMap((advice) => (advice === '' ? [] : [`- ${printable(advice)}`])),
    `- What the rule looks for: ${explainCommand(rule.name)}`,
  ];
}

/** Returns the commands that silence the alert. @param alert a word for the alert: `it` */
export function silenceLines({ rule, record }: Finding, { key, scope }: AlertBody, alert: string): string[] {
  // A filter for flows cannot exclude events.
  const command = rule.sources ? undefined : silenceCommand(rule.name, { ...key, ...scope }, record);
  return [
    ...(command === undefined ? [] : [`- If ${alert} is harmless: ${command}`]),
    `- To silence ${alert} for a day: ${silenceAlertCommand(rule.name, key, record, scope)}`,
  ];
}

/** Returns the line with the rule's known false positives, if any. */
export function falsePositiveLines({ rule }: Finding): string[] {
  return rule.falsepositives.length === 0 ? [] : [`Harmless when: ${printable(rule.falsepositives.join('; '))}`];
}

/** Returns when the same traffic can alert again. */
export function nextAlertText({ rule, record }: Finding): string {
  const next = rule.escalate.find((multiple) => multiple > record.multiple);
  const unless = next === undefined ? '' : `, unless it reaches ${formatInteger(next)} times the threshold`;
  const until = utc(record.to + record.suppressSeconds);
  const same = rule.sources ? 'key' : 'traffic';
  const suppressed = `No further alert of this rule for the same ${same} for ${duration(record.suppressSeconds)}`;
  return `${suppressed}, until ${until} UTC${unless}.${rule.ended ? ' A notice is sent when it has ended.' : ''}`;
}
