import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { printable } from '../../../lambda/common/text.ts';
import { alertsIn } from './alert-counts.ts';
import { addressesOf, endpointsOf, namedValuesOf } from './endpoints.ts';
import type { ReportAlert } from './report-data.ts';

/** An alert with the values that the list and its filters use. */
export interface ShownAlert {
  readonly alert: ReportAlert;
  /** End of the window, in epoch seconds. */
  readonly at: number;
  readonly level: string;
  readonly rule: string;
  /** Number of alerts: see alert-counts.ts. */
  readonly count: number;
  /** First line of the e-mail without the level. */
  readonly headline: string;
  /** Addresses of the alert. */
  readonly endpoints: readonly string[];
  /** All addresses that the alert names. */
  readonly addresses: ReadonlySet<string>;
  /** Searchable text, in lower case. */
  readonly searchText: string;
}

/** Derives the values for the list from an alert. */
export function shownAlert(alert: ReportAlert): ShownAlert {
  const { body, text, subject } = alert;
  const [first = subject] = text.split('\n');
  return {
    alert,
    at: body.window.to,
    level: body.level,
    rule: body.rule,
    count: alertsIn(body),
    headline: printable(first).replace(/^[A-Z]+( ended)?: /, ''),
    endpoints: endpointsOf(body),
    addresses: addressesOf(body),
    searchText: searchableTexts(body, first).join('\n').toLowerCase(),
  };
}

function searchableTexts(body: AlertBody, headline: string): string[] {
  const { id, rule, title, names } = body;
  const known = names.networks.flatMap(({ list, label = '' }) => [list, label]);
  const services = names.services.map(({ name }) => name);
  const owners = names.interfaces?.flatMap((one) => [one.name ?? '', one.owner ?? '', one.id ?? '', one.kind]) ?? [];
  const regions = names.regions?.flatMap((one) => [one.country ?? '', one.asName ?? '', one.awsRegion ?? '']) ?? [];
  return [headline, id, rule, title, ...namedValuesOf(body), ...known, ...services, ...owners, ...regions];
}
