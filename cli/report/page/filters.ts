import { utc } from '../../../lambda/common/format-units.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { rankOf } from './levels.ts';
import type { ShownAlert } from './shown-alert.ts';
import { some, textQuery } from './text-query.ts';

export const orders = ['level', 'latest', 'earliest'] as const;

/** Filters and order of the alerts; an empty text does not filter. */
export interface Filters {
  readonly level: string;
  readonly rule: string;
  readonly text: string;
  /** Range of time in epoch seconds, without `to` itself. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly order: (typeof orders)[number];
}

export const noFilters: Filters = {
  level: '',
  rule: '',
  text: '',
  from: undefined,
  to: undefined,
  order: 'level',
};

/** Returns the alerts that pass the filters, in order. */
export function filtered(
  alerts: readonly ShownAlert[],
  filters: Filters,
  known: Pick<KnownAddresses, 'finder'>,
): ShownAlert[] {
  const query = textQuery(filters.text);
  const isKnown = known.finder(query);
  return alerts
    .filter((one) => {
      return (
        (filters.level === '' || one.level === filters.level) &&
        (filters.rule === '' || one.rule === filters.rule) &&
        one.at >= (filters.from ?? Number.NEGATIVE_INFINITY) &&
        one.at < (filters.to ?? Number.POSITIVE_INFINITY) &&
        (query.matches(one.addresses, one.searchText) || some(one.addresses, isKnown))
      );
    })
    .sort((a, b) => {
      const byLevel = filters.order === 'level' ? rankOf(a.level) - rankOf(b.level) : 0;
      return byLevel || (filters.order === 'earliest' ? a.at - b.at : b.at - a.at);
    });
}

/** Writes filters as a URL fragment; defaults are left out. */
export function writeFilters({ from, to, ...texts }: Filters): string {
  const entries = Object.entries(texts).filter(([name, value]) => value !== noFilters[name as keyof Filters]);
  const times = Object.entries({ from, to }).flatMap(([name, at]) => (at === undefined ? [] : [[name, writeTime(at)]]));
  return new URLSearchParams([...entries, ...times] as string[][]).toString();
}

/** Reads filters from a URL fragment; invalid values become defaults. */
export function readFilters(text: string): Filters {
  const given = new URLSearchParams(text.replace(/^#/, ''));
  const one = (name: string) => given.get(name) ?? '';
  return {
    level: one('level'),
    rule: one('rule'),
    text: one('text'),
    from: readTime(one('from')),
    to: readTime(one('to')),
    order: orders.find((order) => order === one('order')) ?? noFilters.order,
  };
}

/** Formats epoch seconds as `2026-11-24 09:05`, with seconds unless they are zero. */
export function writeTime(seconds: number): string {
  return utc(seconds).replace(/:00$/, '');
}

/** Parses a UTC time such as `2026-11-24 09:05` to epoch seconds; undefined if the text is invalid. */
export function readTime(text: string): number | undefined {
  const match = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?Z?\s*$/.exec(text);
  const time = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time / 1000;
}
