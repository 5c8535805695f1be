import { byteSize, formatInteger } from '../../lambda/common/format-units.ts';
import { plural, printable } from '../../lambda/common/text.ts';
import type { GeoTable } from '../../lambda/geo/geo-table.ts';
import { type DataAge, dataAge } from './warn-old-data.ts';

/** Summary of a table file; `--json` prints it. */
export interface GeoSummary extends DataAge {
  readonly file: string;
  readonly bytes: number;
  readonly sources: readonly string[];
  readonly ranges: { readonly ipv4: number; readonly ipv6: number; readonly aws: number };
  readonly operators: number;
  readonly countries: number;
  /** The countries with the most ranges. */
  readonly topCountries: readonly { readonly country: string; readonly ranges: number }[];
}

const maxTopCountries = 5;

/** Returns the summary of a table. @param now epoch seconds */
export function geoSummary(table: GeoTable, file: string, bytes: number, now: number): GeoSummary {
  const { countries, operators, ipv4Ranges, ipv6Ranges, awsRanges } = table.counts;
  const byRanges = [...table.rangesByCountry].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return {
    file,
    bytes,
    ...dataAge(table.dataTime, now),
    sources: table.sources,
    ranges: { ipv4: ipv4Ranges, ipv6: ipv6Ranges, aws: awsRanges },
    operators,
    countries,
    topCountries: byRanges.slice(0, maxTopCountries).map(([country, ranges]) => ({ country, ranges })),
  };
}

/** Formats a summary for people. */
export function summaryText(summary: GeoSummary): string {
  const { file, bytes, date, ageDays, sources, ranges, operators, countries, topCountries } = summary;
  const top = topCountries.map(({ country, ranges: count }) => `${country} ${formatInteger(count)}`).join(', ');
  const most = top === '' ? '' : `; most ranges: ${top}`;
  return [
    `${file}: ${byteSize(bytes)}`,
    `  data        ${date}, ${plural(ageDays, 'day')} old`,
    `  sources     ${sources.map(printable).join(', ')}`,
    `  ranges      ${formatInteger(ranges.ipv4)} of IPv4, ${formatInteger(ranges.ipv6)} of IPv6, ${formatInteger(ranges.aws)} of AWS`,
    `  operators   ${formatInteger(operators)}`,
    `  countries   ${formatInteger(countries)}${most}`,
    '',
  ].join('\n');
}
