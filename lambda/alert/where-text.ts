import { formatInteger, utc } from '../common/format-units.ts';
import type { EndpointNames, KnownRegion } from './known-names.ts';

/** The most addresses in the e-mail; the JSON body has more. */
const maxShown = 4;

/**
 * Returns where the outside addresses of an alert lead: `198.51.100.7 DE (registry), AS64496 EXAMPLE`. Empty if the table
 * has none of them.
 *
 * @param dataTime the time of the data in epoch seconds
 */
export function whereText({ regions = [] }: EndpointNames, dataTime: number | undefined): string {
  if (regions.length === 0) return '';
  const others = regions.length - maxShown;
  const texts = [
    ...regions.slice(0, maxShown).map((region) => `${region.address} ${textOf(region)}`),
    ...(others > 0 ? [`${formatInteger(others)} more`] : []),
  ];
  return `${texts.join('; ')}${dataTime === undefined ? '' : `. Data of ${utc(dataTime).slice(0, 'yyyy-mm-dd'.length)}`}`;
}

/** Returns the shortest text of a region: `DE AS64496`. */
export function shortRegion({ country, asn, awsRegion }: KnownRegion): string {
  const parts = [country, awsRegion ?? (asn === undefined ? undefined : `AS${asn}`)];
  return parts.filter((part) => part !== undefined).join(' ');
}

function textOf({ country, asn, asName, awsRegion, awsService }: KnownRegion): string {
  const parts = [
    country === undefined ? undefined : `${country} (registry)`,
    asn === undefined ? undefined : `AS${asn}${asName === undefined ? '' : ` ${asName}`}`,
    awsRegion === undefined ? undefined : `AWS ${awsRegion}${awsService === undefined ? '' : ` ${awsService}`}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
