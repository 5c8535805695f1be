import { formatInteger } from '../../../lambda/common/format-units.ts';
import { alertChart } from './alert-chart.ts';
import { countAlerts, nounText, shareText } from './alert-counts.ts';
import { alertList } from './alert-list.ts';
import type { Range } from './bins.ts';
import { contextSection } from './context-section.ts';
import { copyableText } from './copyable-text.ts';
import { countriesSection } from './countries-section.ts';
import { alertDownloads, pairDownloads } from './download-buttons.ts';
import { button, element, replaceChildren } from './element.ts';
import { filterForm } from './filter-form.ts';
import { type Filters, filtered, noFilters } from './filters.ts';
import { huntCounters, huntHost } from './hunt-command.ts';
import type { PageData } from './page-data.ts';
import { section } from './page-sections.ts';
import { pairsText, pairsView } from './pairs-view.ts';
import type { ReportData } from './report-data.ts';
import { rulesSection } from './rules-section.ts';
import { messagesOf, type ShownAlert } from './shown-alert.ts';
import { sourcesSection } from './sources-section.ts';
import { type TextQuery, textQuery } from './text-query.ts';
import { trafficChart } from './traffic-chart.ts';
import { trafficOf } from './traffic-of.ts';
import { shownRange } from './zoom.ts';

/** The view of all alerts, pairs and rules. */
export interface Overview {
  readonly sections: readonly HTMLElement[];
  update(filters: Filters): void;
  /** Opens the first `max` alerts that are shown, for printing. */
  openAll(max: number): void;
}

/** Makes the view. @param change receives the changed filters */
export function overview(page: PageData, change: (part: Partial<Filters>) => void): Overview {
  const { data, alerts, counts, whole, known } = page;
  const choose = (range: Range | undefined) => change({ from: range?.from, to: range?.to });
  const list = alertList(page);
  const form = filterForm(alerts, change);
  const status = element('p', { role: 'status', class: 'count' });
  const pairs = pairsView('Pairs', page);
  const pairStatus = element('p', { class: 'small' });
  const rest = element('div');
  // Without alerts there is no form that resets the search of a country.
  const showAll = data.outside && button('Show all pairs', () => change({ text: '' }), { class: 'copy' });
  const events = data.context?.events ?? [];
  const alertsChart = whole && alerts.length > 0 ? alertChart(whole, events.length > 0, choose) : undefined;
  const context = data.context && contextSection(data.context);
  const hasTraffic = whole !== undefined && data.timeline.intervals.length > 0;
  const traffic = hasTraffic ? trafficChart(whole, choose) : undefined;
  let filters = noFilters;
  const found = () => filtered(alerts, filters, known);
  const pairsOf = (query: TextQuery) => {
    const isKnown = known.finder(query);
    return data.pairs.filter(
      ({ src, dst }) => query.matches([src, dst], `${src} ${dst}`) || isKnown(src) || isKnown(dst),
    );
  };

  const eventsOf = (query: TextQuery) => events.filter((one) => query.matches(one.addresses, one.text));

  function showPairs(query: TextQuery): void {
    const named = pairsOf(query);
    pairs.update(named);
    pairStatus.textContent = pairsText(data, named.length, query);
    if (showAll) showAll.hidden = query.kind === 'all';
    if (data.pairs.length === data.pairCount) return;
    const command =
      query.kind === 'address'
        ? copyableText('All partners of this host', huntHost(query.text, data.hunt))
        : copyableText('All pairs', huntCounters(data.pairCount, data.hunt));
    replaceChildren(rest, command);
  }

  return {
    sections: [
      section(
        'alerts',
        'Alerts',
        ...(alerts.length > 0
          ? [
              alertsChart?.element,
              form.element,
              element('div', { class: 'counts' }, status, element('p', {}, countingText(alerts))),
              alertDownloads(found, known),
              list.element,
            ]
          : [noAlerts(data)]),
      ),
      ...(context ? [section('context', 'Findings and changes', context.element)] : []),
      section('traffic', 'Traffic over time', traffic ? traffic.element : 'No flows were counted.'),
      ...(data.outside ? [section('countries', 'Countries', countriesSection(data.outside, data, searchPairs))] : []),
      section(
        'pairs',
        'Pairs',
        pairStatus,
        known.unlisted > 0 && element('p', { class: 'small' }, unlistedText(known.unlisted)),
        showAll,
        rest,
        ...(data.pairs.length > 0 ? [pairDownloads(() => pairsOf(textQuery(filters.text)), known), pairs.element] : []),
      ),
      section('rules', 'Rules', rulesSection(data, chooseRule)),
      section('read', 'What was read', sourcesSection(data)),
    ],
    update(next) {
      filters = next;
      const query = textQuery(filters.text);
      form.show(filters);
      const shown = found();
      list.update(shown);
      status.textContent = shareText(countAlerts(messagesOf(shown).map(({ body }) => body)), counts);
      if (whole) {
        const range = shownRange(filters, whole);
        alertsChart?.update(shown, eventsOf(query), range);
        const { timeline, note } = trafficOf(query, data);
        traffic?.update(timeline, range, note);
      }
      context?.update(eventsOf(query));
      showPairs(query);
    },
    openAll: (max) => list.openAll(max),
  };

  /** Filters by a text, and shows the pairs that it finds. */
  function searchPairs(text: string): void {
    change({ text });
    const heading = document.querySelector<HTMLElement>('#pairs h2')!;
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  }

  function chooseRule(rule: string): void {
    change({ rule });
    document.getElementById('alerts')!.scrollIntoView();
  }
}

function countingText(alerts: readonly ShownAlert[]): string {
  const hasOthers = alerts.some(({ count }) => count !== 1);
  const hasUnlisted = alerts.some(({ alert }) => (alert.body.digest?.unlisted ?? 0) > 0);
  return [
    'Times are the ends of windows, in UTC.',
    hasOthers && 'A digest is one line and counts as all of its alerts; a resolution notice counts as none.',
    hasUnlisted && 'A digest lists its first keys, and a search finds only these.',
  ]
    .filter(Boolean)
    .join(' ');
}

function unlistedText(count: number): string {
  return `${formatInteger(count)} ${count === 1 ? 'address' : 'addresses'} without a name or a country here: the report has too many.`;
}

function noAlerts({ rules, records }: ReportData): HTMLElement {
  const unseeing = rules.filter(({ unseen }) => unseen !== undefined).length;
  return element(
    'p',
    { class: 'silent' },
    `No rule alerted: ${nounText(rules.length, 'rule')} evaluated ${nounText(records.counted, 'counted flow')}.` +
      (unseeing > 0 ? ` ${nounText(unseeing, 'rule')} could not see all flows, or need logs of a longer time.` : ''),
  );
}
