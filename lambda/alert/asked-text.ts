import { formatInteger, utc } from '../common/format-units.ts';
import { truncateStart } from '../common/text.ts';
import type { KnownQuery } from './dns-source.ts';
import type { EndpointNames } from './known-names.ts';

/** The most addresses in the e-mail; the JSON body has more. */
const maxShown = 3;

/** The most characters of a name in the e-mail. A name keeps its end, where the owner of a domain is. */
const maxNameLength = 64;

/**
 * Returns which names led to the addresses of an alert: `198.51.100.9 by 10.0.1.5 as update.example.com at 2026-11-24
 * 09:01:10 UTC`. Empty if the DNS logs do not say.
 */
export function askedText({ dns = [] }: EndpointNames): string {
  const others = dns.length - maxShown;
  return [
    ...dns.slice(0, maxShown).map((query) => textOf(query, dns.length === 1)),
    ...(others > 0 ? [`${formatInteger(others)} more`] : []),
  ].join('; ');
}

/** @param isAlone whether there is room for all names of the query */
function textOf({ address, host, askedBy, names, more, since }: KnownQuery, isAlone: boolean): string {
  if (askedBy === undefined) {
    return `${address} in no query of the DNS logs${since === undefined ? '' : `, which begin at ${utc(since)} UTC`}`;
  }
  const shown = isAlone ? names : names.slice(0, 1);
  const texts = shown.map(({ name, time }) => `${truncateStart(name, maxNameLength)} at ${utc(time)} UTC`);
  const left = more + names.length - shown.length;
  const further = left === 0 ? '' : ` and ${formatInteger(left)} more ${left === 1 ? 'name' : 'names'}`;
  const by = askedBy === host ? `by ${host}` : `by another host, ${askedBy},`;
  return `${address} ${by} as ${texts.join(', ')}${further}`;
}
