import type { AlertBody } from '../../../lambda/alert/alert-body.ts';
import { printable } from '../../../lambda/common/text.ts';
import { endpointsOf } from './endpoints.ts';
import type { ReportAlert } from './report-data.ts';

/** An alert, and what the list and its filters ask of it. */
export interface ShownAlert {
  readonly alert: ReportAlert;
  /** When its window ended, in epoch seconds. */
  readonly at: number;
  readonly level: string;
  readonly rule: string;
  /** The mail's first line without the level. */
  readonly headline: string;
  /** The addresses that it is about. */
  readonly endpoints: readonly string[];
  /** What a search looks through, in lower case. */
  readonly searchText: string;
}

export function shownAlert(alert: ReportAlert): ShownAlert {
  const { body, text, subject } = alert;
  const [first = subject] = text.split('\n');
  return {
    alert,
    at: body.window.to,
    level: body.level,
    rule: body.rule,
    headline: printable(first).replace(/^[A-Z]+( ended)?: /, ''),
    endpoints: endpointsOf(body),
    searchText: wordsOf(body, first).join('\n').toLowerCase(),
  };
}

function wordsOf({ id, rule, title, key, digest, evidence, names }: AlertBody, headline: string): string[] {
  const keys = digest?.keys.flatMap((one) => Object.values(one.key)) ?? [];
  const seen = Object.values(evidence).flatMap((values) => (Array.isArray(values) ? values.map(String) : []));
  const known = names.networks.flatMap(({ list, label = '' }) => [list, label]);
  const services = names.services.map(({ name }) => name);
  return [headline, id, rule, title, ...Object.values(key), ...keys, ...seen, ...known, ...services];
}
