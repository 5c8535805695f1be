import { utc } from '../../../lambda/common/format-units.ts';
import { rankOf } from './levels.ts';
import type { ShownAlert } from './shown-alert.ts';

export const orders = ['level', 'latest', 'earliest'] as const;

/** What is shown, and in which order; an empty text filters nothing. */
export interface Filters {
  readonly level: string;
  readonly rule: string;
  readonly text: string;
  /** Epoch seconds: alerts from then on, and before then. */
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

/** The alerts that pass, in order. */
export function filtered(alerts: readonly ShownAlert[], filters: Filters): ShownAlert[] {
  const text = filters.text.trim().toLowerCase();
  return alerts
    .filter((one) => {
      return (
        (filters.level === '' || one.level === filters.level) &&
        (filters.rule === '' || one.rule === filters.rule) &&
        one.at >= (filters.from ?? Number.NEGATIVE_INFINITY) &&
        one.at < (filters.to ?? Number.POSITIVE_INFINITY) &&
        one.searchText.includes(text)
      );
    })
    .sort((a, b) => {
      const byLevel = filters.order === 'level' ? rankOf(a.level) - rankOf(b.level) : 0;
      return byLevel || (filters.order === 'earliest' ? a.at - b.at : b.at - a.at);
    });
}

/** Filters as the end of an address, and back: what is the same as by default is not there. */
export function writeFilters({ from, to, ...texts }: Filters): string {
  const entries = Object.entries(texts).filter(([name, value]) => value !== noFilters[name as keyof Filters]);
  const times = Object.entries({ from, to }).flatMap(([name, at]) => (at === undefined ? [] : [[name, writeTime(at)]]));
  return new URLSearchParams([...entries, ...times] as string[][]).toString();
}

/** What cannot be read counts as not there. */
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

/** `2026-11-24 09:05`, with seconds where there are some, of epoch seconds. */
export function writeTime(seconds: number): string {
  return utc(seconds).replace(/:00$/, '');
}

/** The epoch seconds of a time in UTC such as `2026-11-24 09:05`; undefined of what is none. */
export function readTime(text: string): number | undefined {
  const match = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?Z?\s*$/.exec(text);
  const time = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time / 1000;
}
