import { printable } from '../../lambda/common/text.ts';
import type { GeoEntry, GeoTable } from '../../lambda/geo/geo-table.ts';
import { overlaps } from './merge-ranges.ts';
import { publicRanges } from './public-ranges.ts';
import { tableRanges } from './table-ranges.ts';

/** The columns of an export, in the order of docs/analyse/athena.md. */
export const exportColumns = [
  'bucket',
  'range_start',
  'range_end',
  'country',
  'asn',
  'as_name',
  'aws_region',
  'aws_service',
] as const;

/** The bits after the bucket: 16 of IPv4, and 104 of IPv6. So one range of IPv6 has at most 2^21 rows. */
const bitsInBucket = { 32: 16n, 128: 104n } as const;

/** IPv4 addresses are in ::ffff:0:0/96, as Trino's type IPADDRESS has them. */
const mappedIpv4 = 0xffffn << 32n;

/**
 * Yields the lines of a table of tab-separated values: the columns, then a line for each range with facts. Addresses are
 * 32 upper-case hexadecimal digits, so that texts have the order of addresses. A missing fact is empty.
 *
 * A range has a row for each bucket. A bucket is the first digits of all addresses of a row: 28 of IPv4, and 6 of IPv6.
 * Addresses that are not public have no row, and so a join has the same facts as GeoTable.lookup.
 */
export function* exportLines(table: GeoTable): Generator<string> {
  yield `${exportColumns.join('\t')}\n`;
  for (const bits of [32, 128] as const) {
    const { networks, aws } = table.ranges;
    const known = overlaps(tableRanges(networks, bits), tableRanges(aws, bits));
    for (const { first, last, a, b } of overlaps(known, publicRanges(bits))) {
      const entry = a && b && table.entryOf(a.a?.value ?? 0, a.b?.value ?? 0);
      if (entry) yield* linesOf(first, last, bits, factsText(entry));
    }
  }
}

function* linesOf(first: bigint, last: bigint, bits: 32 | 128, facts: string): Generator<string> {
  const width = bitsInBucket[bits];
  const base = bits === 32 ? mappedIpv4 : 0n;
  const digits = (128 - Number(width)) / 4;
  for (let bucket = first >> width; bucket <= last >> width; bucket += 1n) {
    const begin = bucket << width;
    const end = begin + (1n << width) - 1n;
    const start = hexOf(base + (begin > first ? begin : first));
    yield `${start.slice(0, digits)}\t${start}\t${hexOf(base + (end < last ? end : last))}\t${facts}\n`;
  }
}

function hexOf(address: bigint): string {
  return address.toString(16).toUpperCase().padStart(32, '0');
}

/** Tabs and line ends cannot be in a value of this format. */
function factsText({ country, asn, asName, awsRegion, awsService }: GeoEntry): string {
  return [country, asn, asName, awsRegion, awsService].map((fact) => printable(String(fact ?? ''))).join('\t');
}
