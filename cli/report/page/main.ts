import { formatInteger } from '../../../lambda/common/format-units.ts';
import { printable } from '../../../lambda/common/text.ts';
import { alertChart } from './alert-chart.ts';
import { alertList } from './alert-list.ts';
import { relevantRange } from './bins.ts';
import { fitCharts } from './chart.ts';
import { pairsByEndpoint } from './conversations.ts';
import { element } from './element.ts';
import { filterForm } from './filter-form.ts';
import { type Filters, filtered, readFilters, writeFilters } from './filters.ts';
import { pageHeader } from './page-header.ts';
import { jumpLink, section } from './page-sections.ts';
import { pairColumns } from './pairs-table.ts';
import { readData } from './read-data.ts';
import type { ReportData } from './report-data.ts';
import { rulesSection } from './rules-section.ts';
import { shownAlert } from './shown-alert.ts';
import { sortableTable } from './sortable-table.ts';
import { sourcesSection } from './sources-section.ts';
import { trafficChart } from './traffic-chart.ts';

/** Maximum number of alerts that are opened for printing. */
const maxOpenOnPaper = 100;

const data = (await readData('report-data')) as Omit<ReportData, 'alerts'>;
show({ ...data, alerts: (await readData('report-alerts')) as ReportData['alerts'] });

function show(data: ReportData): void {
  const alerts = data.alerts.map(shownAlert);
  const range = relevantRange(
    data.timeline,
    alerts.map(({ at }) => at),
  );
  const list = alertList(pairsByEndpoint([...data.surroundings, ...data.pairs]));
  const chart = range && alerts.length > 0 ? alertChart(range, (chosen) => change(chosen)) : undefined;
  const form = filterForm(alerts, (part) => change(part));
  const status = element('p', { role: 'status', class: 'count' });
  const pairs = sortableTable('Busiest pairs', pairColumns, 'Accepted');
  const pairStatus = element('p', { class: 'small' });
  let filters = readFilters(location.hash);

  function change(part: Partial<Filters>): void {
    filters = { ...filters, ...part };
    const hash = writeFilters(filters);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
    update();
  }

  function update(): void {
    form.show(filters);
    const found = filtered(alerts, filters);
    list.update(found);
    chart?.update(filtered(alerts, { ...filters, from: undefined, to: undefined }), filters);
    status.textContent = `${formatInteger(found.length)} of ${formatInteger(alerts.length)} ${alerts.length === 1 ? 'alert' : 'alerts'}`;
    const text = filters.text.trim().toLowerCase();
    const named = data.pairs.filter(({ src, dst }) => `${src} ${dst}`.toLowerCase().includes(text));
    pairs.update(named);
    pairStatus.textContent = pairsText(data, named.length, text);
  }

  document.title = `${printable(data.command)}: ${formatInteger(alerts.length)} alerts`;
  const sections = [
    section(
      'alerts',
      'Alerts',
      ...(alerts.length > 0
        ? [
            chart?.element,
            form.element,
            element('div', { class: 'counts' }, status, element('p', {}, 'Times are the ends of windows, in UTC.')),
            list.element,
          ]
        : [noAlerts(data)]),
    ),
    section(
      'traffic',
      'Traffic over time',
      range && data.timeline.intervals.length > 0 ? trafficChart(data.timeline, range) : 'No flows were counted.',
    ),
    section('pairs', 'Busiest pairs', pairStatus, data.pairs.length > 0 && pairs.element),
    section('rules', 'Rules', rulesSection(data, chooseRule)),
    section('read', 'Input', sourcesSection(data)),
  ];
  document.body.append(
    jumpLink('main', 'Skip to the alerts', 'skip'),
    pageHeader(data),
    element(
      'nav',
      { 'aria-label': 'Parts' },
      ...sections.map((one) => jumpLink(one.id, one.firstElementChild!.textContent!)),
    ),
    element('main', { id: 'main', tabindex: -1 }, ...sections),
    element(
      'footer',
      {},
      'Written by flow-sentinel. This file contains addresses of your network: share it only as you would share the logs. It needs no network and loads nothing.',
    ),
  );
  update();

  function chooseRule(rule: string): void {
    change({ rule });
    document.getElementById('alerts')!.scrollIntoView();
  }

  addEventListener('hashchange', () => {
    filters = readFilters(location.hash);
    update();
  });
  const paper = matchMedia('print');
  const prepare = () => {
    list.openAll(maxOpenOnPaper);
    fitCharts();
  };
  addEventListener('beforeprint', prepare);
  paper.addEventListener('change', () => (paper.matches ? prepare() : fitCharts()));
}

function noAlerts({ rules, records }: ReportData): HTMLElement {
  const unseeing = rules.filter(({ unseen }) => unseen !== undefined).length;
  return element(
    'p',
    { class: 'silent' },
    `No rule alerted: ${formatInteger(rules.length)} rules evaluated ${formatInteger(records.counted)} counted flows.` +
      (unseeing > 0 ? ` ${formatInteger(unseeing)} rules could not see all flows.` : ''),
  );
}

function pairsText({ pairs, pairCount }: ReportData, found: number, text: string): string {
  if (pairCount === 0) return 'No pairs were counted.';
  const listed =
    pairs.length < pairCount
      ? `The ${formatInteger(pairs.length)} busiest, by bytes and by rejects, of ${formatInteger(pairCount)} pairs`
      : `All ${formatInteger(pairCount)} pairs`;
  return text === ''
    ? `${listed}. Times in UTC.`
    : `${listed}; ${formatInteger(found)} of them with “${printable(text)}”. Times in UTC.`;
}
