import { printable } from '../../../lambda/common/text.ts';
import { type AddressColumns, readAddressColumns } from './address-columns.ts';
import { countText } from './alert-counts.ts';
import { fitCharts } from './chart.ts';
import { element, replaceChildren } from './element.ts';
import { type Filters, readFilters, writeFilters } from './filters.ts';
import { hostOfHash } from './host-link.ts';
import { type HostView, hostView } from './host-view.ts';
import { overview } from './overview.ts';
import { pageData } from './page-data.ts';
import { pageHeader } from './page-header.ts';
import { jumpLink } from './page-sections.ts';
import { type PairColumns, readPairColumns } from './pair-columns.ts';
import { readData } from './read-data.ts';
import type { ReportData } from './report-data.ts';

/** Maximum number of alerts that are opened for printing. */
const maxOpenOnPaper = 100;

const [rest, alerts, pairs, hosts, addresses] = await Promise.all(
  ['report-data', 'report-alerts', 'report-pairs', 'report-hosts', 'report-addresses'].map(readData),
);
show({
  ...(rest as Omit<ReportData, 'alerts' | 'pairs' | 'hosts' | 'known'>),
  alerts: alerts as ReportData['alerts'],
  pairs: readPairColumns(pairs as PairColumns),
  hosts: hosts as ReportData['hosts'],
  ...(addresses !== undefined && {
    known: readAddressColumns(addresses as AddressColumns, (pairs as PairColumns).addresses),
  }),
});

function show(data: ReportData): void {
  const page = pageData(data);
  const all = overview(page, change);
  const nav = element(
    'nav',
    { 'aria-label': 'Parts' },
    ...all.sections.map((one) => jumpLink(one.id, one.firstElementChild!.textContent!)),
  );
  const ofAll = element('div', {}, ...all.sections);
  const ofHost = element('div');
  let filters = readFilters(location.hash);
  let host: HostView | undefined;
  let scrolled = 0;

  function change(part: Partial<Filters>): void {
    filters = { ...filters, ...part };
    history.replaceState(null, '', overviewHash() || location.pathname + location.search);
    all.update(filters);
  }

  function overviewHash(): string {
    const hash = writeFilters(filters);
    return hash === '' ? '' : `#${hash}`;
  }

  /** Shows the view that the URL names. */
  function route(): void {
    const address = hostOfHash(location.hash);
    host = address === undefined ? undefined : hostView(address, page, overviewHash() || '#');
    replaceChildren(ofHost, host?.element);
    nav.hidden = ofAll.hidden = host !== undefined;
    document.title = `${printable(data.command)}: ${address === undefined ? countText(page.counts) : printable(address)}`;
    if (host === undefined) {
      filters = readFilters(location.hash);
      all.update(filters);
    }
  }

  document.body.append(
    jumpLink('main', 'Skip to the alerts', 'skip'),
    pageHeader(page),
    nav,
    element('main', { id: 'main', tabindex: -1 }, ofHost, ofAll),
    element(
      'footer',
      {},
      'Written by flow-sentinel. This file contains addresses of your network: share it only as you would share the logs. It needs no network and loads nothing.',
    ),
  );
  route();

  addEventListener('hashchange', () => {
    const wasOverview = host === undefined;
    if (wasOverview) scrolled = lastScroll;
    route();
    if (host) {
      host.heading.scrollIntoView();
      host.heading.focus({ preventScroll: true });
    } else if (!wasOverview) scrollTo(0, scrolled);
  });
  // A link to a fragment without an element scrolls before the event.
  let lastScroll = 0;
  addEventListener('click', () => (lastScroll = scrollY), { capture: true });
  const paper = matchMedia('print');
  const prepare = () => {
    (host ?? all).openAll(maxOpenOnPaper);
    fitCharts();
  };
  addEventListener('beforeprint', prepare);
  paper.addEventListener('change', () => (paper.matches ? prepare() : fitCharts()));
}
