import { byteSize, formatInteger } from '../../../lambda/common/format-units.ts';
import { addQuantity, type Quantity } from '../../../lambda/common/quantity.ts';
import { printable } from '../../../lambda/common/text.ts';
import { protocolName, serviceName } from '../../../lambda/flow-log/service-names.ts';
import type { HostSums, PortRow, Sums } from '../../statistics/host-activity.ts';
import type { PairCounter } from '../../statistics/pair-counter.ts';
import { countAlerts, countText, nounText } from './alert-counts.ts';
import { alertList } from './alert-list.ts';
import type { Range } from './bins.ts';
import { moments, momentsTable } from './context-events.ts';
import { copyableText } from './copyable-text.ts';
import { alertDownloads, pairDownloads } from './download-buttons.ts';
import { byteSizeElement, type Child, element, integerElement, untrustedText } from './element.ts';
import { filtered, noFilters } from './filters.ts';
import { huntHost } from './hunt-command.ts';
import type { PageData } from './page-data.ts';
import { pairsView } from './pairs-view.ts';
import { messagesOf, type ShownAlert } from './shown-alert.ts';
import { type Column, sortableTable } from './sortable-table.ts';
import { trafficChart } from './traffic-chart.ts';
import { hostTimeline, partialText } from './traffic-of.ts';

/** The view of one host. */
export interface HostView {
  readonly element: HTMLElement;
  readonly heading: HTMLElement;
  /** Opens the first `max` alerts that are shown, for printing. */
  openAll(max: number): void;
}

/** Makes the view of a host: its alerts, hours, ports and pairs. @param overviewHash fragment of the view with all hosts */
export function hostView(address: string, page: PageData, overviewHash: string): HostView {
  const { data, byEndpoint, known } = page;
  const alerts = filtered(
    page.alerts.filter(({ addresses }) => addresses.has(address)),
    noFilters,
    known,
  );
  const pairs = byEndpoint.get(address) ?? [];
  const sums = data.hosts.hosts.find((one) => one.address === address);
  const list = alertList(page);
  list.update(alerts);
  const heading = element('h2', { tabindex: -1 }, `Host ${printable(address)}`);
  const parts: Child[] = [
    element('p', {}, element('a', { href: overviewHash }, 'All alerts and hosts')),
    heading,
    ...known.sentencesOf(address).map((text) => element('p', {}, untrustedText(text))),
    element('p', {}, trafficText(address, pairs)),
    data.pairs.length < data.pairCount &&
      element(
        'p',
        { class: 'small' },
        `Further pairs may be missing: the report has ${formatInteger(data.pairs.length)} of ${formatInteger(data.pairCount)} pairs. The command has all.`,
      ),
    copyableText('All flows of this host, by partner and port', huntHost(address, data.hunt)),
    element('h3', {}, 'Alerts'),
    element(
      'p',
      { class: 'small' },
      alerts.length === 0
        ? 'No alert names this host.'
        : `${countText(countAlerts(messagesOf(alerts).map(({ body }) => body)))} with this host.`,
    ),
    ...(alerts.length === 0 ? [] : [alertDownloads(() => alerts, known), list.element]),
    ...timelinePart(address, alerts, page),
    element('h3', {}, 'Hours'),
    hoursPart(sums, page),
    element('h3', {}, 'Ports'),
    portsPart(sums),
    element('h3', {}, 'Pairs'),
    ...pairsPart(pairs, page),
  ];
  return {
    element: element('section', { class: 'host-view' }, ...parts),
    heading,
    openAll: (max) => list.openAll(max),
  };
}

function trafficText(address: string, pairs: readonly PairCounter[]): string {
  if (pairs.length === 0) return 'No pair of this host is in the report.';
  const side = (found: readonly PairCounter[]) => ({
    bytes: found.reduce((sum: Quantity, { bytes }) => addQuantity(sum, bytes), 0),
    rejects: found.reduce((sum, { rejects }) => sum + rejects, 0),
    hosts: found.length,
  });
  const sent = side(pairs.filter(({ src }) => src === address));
  const received = side(pairs.filter(({ dst }) => dst === address));
  return (
    `Sent ${byteSize(sent.bytes)} to ${nounText(sent.hosts, 'host')} (${nounText(sent.rejects, 'reject')}); ` +
    `received ${byteSize(received.bytes)} from ${nounText(received.hosts, 'host')} (${nounText(received.rejects, 'reject')}).`
  );
}

/** Makes the findings and changes of a host among its alerts; nothing if none were asked for. */
function timelinePart(address: string, alerts: readonly ShownAlert[], { data }: PageData): HTMLElement[] {
  if (!data.context) return [];
  const heading = element('h3', {}, 'In order of time');
  const small = (text: string) => element('p', { class: 'small' }, text);
  const events = data.context.events.filter(({ addresses }) => addresses.includes(address));
  const { unlisted } = data.context;
  const missing =
    unlisted > 0 ? ` ${nounText(unlisted, 'finding or change', 'findings and changes')} are not in the report.` : '';
  if (events.length === 0) return [heading, small(`No finding and no change names this host.${missing}`)];
  const table = momentsTable('In order of time', false);
  table.update(moments(events, alerts));
  return [heading, small(`Findings of GuardDuty, changes by API calls, and alerts.${missing}`), table.element];
}

function hoursPart(sums: HostSums | undefined, { data, whole }: PageData): HTMLElement {
  if (!whole || !sums || sums.intervals.length === 0) return missing();
  const timeline = hostTimeline([sums], data.hosts);
  const chart = trafficChart(whole, show);
  const note = `Both directions.${sums.isPartial ? partialText : ''}`;
  function show(range: Range | undefined): void {
    chart.update(timeline, range ?? whole!, note);
  }
  show(undefined);
  return chart.element;
}

function missing(): HTMLElement {
  return element('p', { class: 'small' }, 'The report has no sums of this host by hour and port.');
}

type PortOrOthers = PortRow | readonly [undefined, undefined, ...Sums];

const portColumns: readonly Column<PortOrOthers>[] = [
  { heading: 'Port', cell: ([protocol, port]) => portText(protocol, port), by: ([, port = 65_536]) => port },
  { heading: 'Protocol', cell: ([protocol]) => protocolText(protocol), by: ([protocol]) => protocolText(protocol) },
  { heading: 'Accepted', cell: ([, , bytes]) => byteSizeElement(bytes), by: ([, , bytes]) => bytes, isNumber: true },
  { heading: 'Bytes', cell: ([, , bytes]) => integerElement(bytes), by: ([, , bytes]) => bytes, isNumber: true },
  { heading: 'Rejects', cell: (row) => integerElement(row[3]), by: (row) => row[3], isNumber: true },
  { heading: 'Flow records', cell: (row) => integerElement(row[4]), by: (row) => row[4], isNumber: true },
];

function portsPart(sums: HostSums | undefined): HTMLElement {
  if (!sums) return missing();
  const table = sortableTable('Ports', portColumns, 'Accepted');
  table.update([...sums.ports, ...(sums.otherPorts ? [[undefined, undefined, ...sums.otherPorts] as const] : [])]);
  const text = `The lower port of each flow, usually that of the service; both directions.${sums.isPartial ? partialText : ''}`;
  return element('div', {}, element('p', { class: 'small' }, text), table.element);
}

/** ICMP and ICMPv6: flow logs have port 0. */
const protocolsWithoutPorts: ReadonlySet<number> = new Set([1, 58]);

function portText(protocol: number | undefined, port: number | undefined): string {
  if (port === undefined) return 'other ports';
  if (port < 0) return 'unknown';
  if (protocol !== undefined && protocolsWithoutPorts.has(protocol)) return 'none';
  const service = serviceName(String(port), String(protocol));
  return service === undefined ? String(port) : `${port} ${service}`;
}

function protocolText(protocol: number | undefined): string {
  if (protocol === undefined) return '';
  return protocol < 0 ? 'unknown' : (protocolName(String(protocol)) ?? String(protocol));
}

function pairsPart(pairs: readonly PairCounter[], page: PageData): HTMLElement[] {
  if (pairs.length === 0) return [element('p', { class: 'small' }, 'No pairs.')];
  const view = pairsView('Pairs of this host', page);
  view.update(pairs);
  return [pairDownloads(() => pairs, page.known), view.element];
}
