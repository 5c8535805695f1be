import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { distinctText } from '../../../lambda/alert/distinct-text.ts';
import type { FindingEvidence } from '../../../lambda/alert/ocsf/evidences.ts';
import { epochSeconds } from '../../../lambda/common/calendar.ts';
import { formatInteger } from '../../../lambda/common/format-units.ts';
import { writeQuantities } from '../../../lambda/common/quantity.ts';
import { groupName } from '../../../lambda/common/text.ts';
import { tcpFlagNames } from '../../../lambda/flow-log/service-names.ts';
import { aroundPart } from './around-part.ts';
import { conversationGraph } from './conversation-graph.ts';
import { conversationsOf } from './conversations.ts';
import { copyableText } from './copyable-text.ts';
import {
  button,
  byteSizeElement,
  type Child,
  element,
  externalLink,
  integerElement,
  replaceChildren,
  timeElement,
  untrustedText,
} from './element.ts';
import { hostLink, linkedText } from './host-link.ts';
import { huntAlert } from './hunt-command.ts';
import { type MailFacts, mailFacts } from './mail-facts.ts';
import { measuredValue } from './measured-value.ts';
import type { PageData } from './page-data.ts';
import type { ReportAlert } from './report-data.ts';
import type { ShownAlert } from './shown-alert.ts';
import { type Column, sortableTable } from './sortable-table.ts';

/** Makes the details of an alert. */
export function alertDetail(
  { alert, updates, endpoints }: ShownAlert,
  { byEndpoint, known, data }: PageData,
): HTMLElement {
  const { body, text } = alert;
  const facts = mailFacts(text);
  return element(
    'div',
    { class: 'detail' },
    ...facts.description.map((line) => element('p', {}, linkedText(line))),
    element('div', { class: 'halves' }, factsPart(facts, body), stepsPart(facts, body)),
    // The latest update has what the alert and the updates before it had.
    ...aroundPart(updates.at(-1)?.body ?? body),
    ...digestPart(body),
    element(
      'div',
      { class: 'screen' },
      ...evidencePart(body),
      element('h3', {}, 'Who talks to whom'),
      conversationGraph(conversationsOf(endpoints, byEndpoint), endpoints, known),
      ...commandsPart(facts, huntAlert(body, endpoints, data.hunt)),
    ),
    ...facts.closing.map((line) => element('p', { class: 'small' }, untrustedText(line))),
    onDemand('E-mail as sent', () => `Subject: ${alert.subject}\n\n${text}`),
    onDemand('JSON body', () => JSON.stringify(body, writeQuantities, 2)),
    ...updates.flatMap(updateTexts),
  );
}

function updateTexts({ subject, text, body }: ReportAlert, index: number): HTMLElement[] {
  const name = `update ${formatInteger(index + 1)}`;
  return [
    onDemand(`E-mail of ${name}`, () => `Subject: ${subject}\n\n${text}`),
    onDemand(`JSON body of ${name}`, () => JSON.stringify(body, writeQuantities, 2)),
  ];
}

function factsPart({ rows }: MailFacts, body: AlertBody): HTMLElement {
  const shown = rows.filter(({ label }) => label !== 'Technique');
  const entries = shown.flatMap(({ label, value }) => [
    element('dt', {}, label),
    element('dd', {}, linkedText(label.startsWith('All ') ? allValues(body, value) : value)),
  ]);
  const techniques = body.techniques.flatMap((one) => [techniqueLink(one), ' ']);
  return element(
    'div',
    {},
    valueBar(body),
    element(
      'dl',
      { class: 'facts' },
      ...entries,
      ...(techniques.length > 0 ? [element('dt', {}, 'Technique'), element('dd', {}, ...techniques)] : []),
      element('dt', {}, 'Rule'),
      element('dd', {}, untrustedText(`${body.title} (${body.rule}, ${body.level}, ${body.ruleStatus})`)),
    ),
  );
}

/** Returns the distinct values of an alert; the e-mail has only the first. */
function allValues({ distinct, valueIsLowerBound }: AlertBody, inMail: string): string {
  return distinct ? distinctText(distinct, valueIsLowerBound, Number.POSITIVE_INFINITY) : inMail;
}

/** Shows the value and the threshold as a bar; nothing if they are not comparable. */
function valueBar(body: AlertBody): Child {
  const amounts = measuredValue(body);
  if (!amounts || !Number.isFinite(amounts.times)) return undefined;
  const { value, threshold, times } = amounts;
  const words = `${body.valueIsLowerBound ? 'at least ' : ''}${value}; the threshold is ${threshold}`;
  const scale = Math.max(times, 1);
  const [bar, filled, mark] = ['bar', 'filled', 'mark'].map((name) => element('span', { class: name }));
  filled!.style.width = `${(100 * times) / scale}%`;
  mark!.style.left = `${100 / scale}%`;
  bar!.append(filled!, mark!);
  return element('p', { class: 'value' }, bar, element('span', {}, words));
}

function techniqueLink(technique: string): HTMLElement {
  if (!/^T\d{4}(\.\d{3})?$/.test(technique)) return untrustedText(technique);
  return externalLink(`https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`, technique);
}

function stepsPart({ advice, harmless }: MailFacts, { references }: AlertBody): HTMLElement {
  const part = (heading: string, content: Child, kind?: string) =>
    element('div', { class: kind }, element('h3', {}, heading), content);
  const list = (items: readonly Child[]) => element('ul', {}, ...items.map((item) => element('li', {}, item)));
  return element(
    'div',
    { class: 'steps' },
    advice.length > 0 && part('What to do', list(advice.map(linkedText))),
    harmless !== undefined && part('Harmless when', element('p', {}, untrustedText(harmless))),
    references.length > 0 && part('References', list(references.map((url) => externalLink(url))), 'screen'),
  );
}

function digestPart({ digest }: AlertBody): HTMLElement[] {
  if (!digest) return [];
  const table = sortableTable<(typeof digest.keys)[number]>('Alerts in this e-mail', [
    {
      heading: 'Key',
      cell: ({ key, scope }) => linkedText(groupName(key, scope)),
      by: ({ key, scope }) => groupName(key, scope),
    },
    { heading: 'Value', cell: ({ value }) => integerElement(value), by: ({ value }) => value, isNumber: true },
    { heading: 'Alert', cell: ({ id }) => element('code', {}, untrustedText(id)) },
  ]);
  table.update(digest.keys);
  const { unlisted } = digest;
  const more = unlisted > 0 ? `; ${formatInteger(unlisted)} more are not listed` : '';
  return [
    element('h3', {}, `${formatInteger(digest.alerts)} alerts in this e-mail`),
    element('p', {}, `The most telling first${more}:`),
    table.element,
  ];
}

const flowColumns: readonly Column<FindingEvidence>[] = [
  { heading: 'From', cell: (flow) => endpointText(flow.src_endpoint) },
  { heading: 'To', cell: (flow) => endpointText(flow.dst_endpoint) },
  {
    heading: 'Protocol',
    cell: ({ connection_info: info }) => untrustedText(info?.protocol_name ?? String(info?.protocol_num ?? '')),
  },
  {
    heading: 'TCP flags',
    cell: ({ connection_info: info }) => (info?.tcp_flags === undefined ? '' : tcpFlagNames(String(info.tcp_flags))),
  },
  {
    heading: 'Action',
    cell: ({ data }) => untrustedText([data?.action, data?.['reject-reason']].filter(Boolean).join(' ')),
  },
  { heading: 'Size', cell: ({ data }) => quantity(data?.bytes, byteSizeElement), isNumber: true },
  { heading: 'Bytes', cell: ({ data }) => quantity(data?.bytes, integerElement), isNumber: true },
  { heading: 'Packets', cell: ({ data }) => quantity(data?.packets, integerElement), isNumber: true },
  { heading: 'Start', cell: ({ data }) => quantity(data?.start, (at) => timeElement(epochSeconds(Number(at)))) },
  { heading: 'End', cell: ({ data }) => quantity(data?.end, (at) => timeElement(epochSeconds(Number(at)))) },
];

function evidencePart({ evidences }: AlertBody): HTMLElement[] {
  if (evidences.length === 0 || evidences.every(({ data }) => !data)) return [];
  const isGiven = ({ cell }: Column<FindingEvidence>) => evidences.some((flow) => textOf(cell(flow)) !== '');
  const table = sortableTable('Some of its flows', flowColumns.filter(isGiven));
  table.update(evidences);
  return [element('h3', {}, 'Some of its flows'), table.element];
}

function textOf(child: Child): string {
  return child instanceof Node ? (child.textContent ?? '') : child || '';
}

function endpointText(endpoint: FindingEvidence['src_endpoint']): Child {
  if (!endpoint) return '';
  const port =
    endpoint.port === undefined ? '' : endpoint.ip?.includes(':') ? ` port ${endpoint.port}` : `:${endpoint.port}`;
  const service = endpoint.svc_name ? ` ${endpoint.svc_name}` : '';
  return element('span', {}, hostLink(endpoint.ip ?? ''), element('code', {}, untrustedText(`${port}${service}`)));
}

function quantity<T>(value: T | string | undefined, show: (value: Exclude<T, string>) => Child): Child {
  return value === undefined || typeof value === 'string' ? '' : show(value as Exclude<T, string>);
}

function commandsPart({ commands }: MailFacts, hunt: string | undefined): HTMLElement[] {
  const all = [
    ...(hunt === undefined ? [] : [{ label: 'Flows in the files that were read', text: hunt }]),
    ...commands,
  ];
  if (all.length === 0) return [];
  return [element('h3', {}, 'Queries and commands'), ...all.map(({ label, text }) => copyableText(label, text))];
}

/** Makes a collapsed text, which is created when it is opened first. */
function onDemand(name: string, text: () => string): HTMLElement {
  const content = element('div');
  const details = element('details', { class: 'demand' }, element('summary', {}, name), content);
  details.addEventListener('toggle', () => {
    if (!details.open || content.hasChildNodes()) return;
    const value = text();
    const copy = button('Copy', () => navigator.clipboard?.writeText(value).catch(() => {}), { class: 'copy' });
    replaceChildren(
      content,
      copy,
      element('pre', { tabindex: 0, role: 'group', 'aria-label': name }, escapeInvisible(value)),
    );
  });
  return details;
}

/** Escapes invisible and direction-changing characters as JSON does. */
function escapeInvisible(text: string): string {
  return text.replace(
    /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
