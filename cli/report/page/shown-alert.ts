import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { printable } from '../../../lambda/common/text.ts';
import { alertsIn } from './alert-counts.ts';
import { addressesOf, endpointsOf, namedValuesOf } from './endpoints.ts';
import type { ReportAlert } from './report-data.ts';

/**
 * An alert with the values that the list and its filters use. An update is a further message of the same OCSF finding, so it
 * belongs to its alert: as another entry it would look like a second alert.
 */
export interface ShownAlert {
  readonly alert: ReportAlert;
  /** The updates of the alert, the latest last. */
  readonly updates: readonly ReportAlert[];
  /** End of the window, in epoch seconds. */
  readonly at: number;
  /** The level after the latest update. */
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

/** Derives the values for the list from messages in the order in which they were sent: an entry for each alert. */
export function shownAlerts(messages: readonly ReportAlert[]): ShownAlert[] {
  const ids = new Set(messages.flatMap((message) => (message.body.update ? [] : idsOf(message))));
  const isOwn = ({ body: { update } }: ReportAlert) => !update || !ids.has(update.alert);
  const updates = Map.groupBy(
    messages.filter((message) => !isOwn(message)),
    ({ body }) => body.update!.alert,
  );
  return messages.filter(isOwn).map((message) =>
    shownAlert(
      message,
      idsOf(message).flatMap((id) => updates.get(id) ?? []),
    ),
  );
}

/** Returns the messages of entries: each alert, followed by its updates. */
export function messagesOf(shown: readonly ShownAlert[]): ReportAlert[] {
  return shown.flatMap(({ alert, updates }) => [alert, ...updates]);
}

/** Returns the ids of the alerts in a message. */
function idsOf({ body: { id, digest } }: ReportAlert): string[] {
  return [id, ...(digest?.keys.map((key) => key.id) ?? [])];
}

/** Derives the values for the list from an alert. */
function shownAlert(alert: ReportAlert, updates: readonly ReportAlert[]): ShownAlert {
  const { body } = alert;
  const first = firstLineOf(alert);
  return {
    alert,
    updates,
    at: body.window.to,
    level: updates.at(-1)?.body.level ?? body.level,
    rule: body.rule,
    count: alertsIn(body),
    headline: headlineOf(alert),
    endpoints: endpointsOf(body),
    addresses: addressesOf(body),
    searchText: [searchableTexts(body, first), ...[alert, ...updates].map(aroundTexts)].flat().join('\n').toLowerCase(),
  };
}

/** Returns the first line of an e-mail without the level. */
export function headlineOf(message: ReportAlert): string {
  return printable(firstLineOf(message)).replace(/^(?:UPDATE )?[A-Z]+(?: to [A-Z]+)?(?: ended)?: /, '');
}

function firstLineOf({ text, subject }: ReportAlert): string {
  const [first = subject] = text.split('\n');
  return first;
}

/** Returns the texts of what happened around the hosts. */
function aroundTexts({ body: { around } }: ReportAlert): string[] {
  return around?.notes.map(({ text }) => text) ?? [];
}

function searchableTexts(body: AlertBody, headline: string): string[] {
  const { id, rule, title, names } = body;
  const known = names.networks.flatMap(({ list, label = '' }) => [list, label]);
  const services = names.services.map(({ name }) => name);
  const owners = names.interfaces?.flatMap((one) => [one.name ?? '', one.owner ?? '', one.id ?? '', one.kind]) ?? [];
  const regions = names.regions?.flatMap((one) => [one.country ?? '', one.asName ?? '', one.awsRegion ?? '']) ?? [];
  return [headline, id, rule, title, ...namedValuesOf(body), ...known, ...services, ...owners, ...regions];
}
