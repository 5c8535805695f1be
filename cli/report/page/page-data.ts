import type { PairCounter } from '../../statistics/pair-counter.ts';
import { type AlertCounts, countAlerts } from './alert-counts.ts';
import { type Range, relevantRange } from './bins.ts';
import { pairsByEndpoint } from './conversations.ts';
import { type KnownAddresses, knownAddresses } from './known-addresses.ts';
import type { ReportData } from './report-data.ts';
import { type ShownAlert, shownAlerts } from './shown-alert.ts';

/** Data of the report, and what all views derive from it. */
export interface PageData {
  readonly data: ReportData;
  readonly alerts: readonly ShownAlert[];
  readonly counts: AlertCounts;
  /** Range of time of the flows and alerts; undefined without any. */
  readonly whole: Range | undefined;
  /** Pairs of each address, busiest first. */
  readonly byEndpoint: ReadonlyMap<string, readonly PairCounter[]>;
  /** Who has the addresses, and where they lead. */
  readonly known: KnownAddresses;
}

/** Derives the data of all views. */
export function pageData(data: ReportData): PageData {
  const alerts = shownAlerts(data.alerts);
  const times = alerts.map(({ at }) => at);
  return {
    data,
    alerts,
    counts: countAlerts(data.alerts.map(({ body }) => body)),
    whole: relevantRange(data.timeline, times),
    byEndpoint: pairsByEndpoint(data.pairs),
    known: knownAddresses(data),
  };
}
