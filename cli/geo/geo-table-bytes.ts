import { crc32 } from 'node:zlib';
import {
  checkedFrom,
  type GeoHeader,
  geoHeaderOf,
  geoSections,
  geoVersion,
  maxCountries,
  maxOperators,
  networkValue,
} from '../../lambda/geo/geo-layout.ts';
import type { AwsService } from '../../lambda/geo/geo-table.ts';
import { InputError } from '../terminal/input-error.ts';
import type { AddressRange, ByFamily } from './address-range.ts';
import { rangeTable } from './range-starts.ts';

/** A range of one country and operator. */
export interface NetworkRange extends AddressRange {
  readonly country: string | undefined;
  readonly asn: number | undefined;
}

/** A range of one AWS Region and service. */
export interface AwsRange extends AddressRange, AwsService {}

/** The content of a table. */
export interface GeoContent {
  /** Epoch seconds. */
  readonly dataTime: number;
  readonly sources: readonly string[];
  readonly networks: ByFamily<NetworkRange>;
  readonly operatorNames: ReadonlyMap<number, string>;
  readonly aws: ByFamily<AwsRange>;
}

/**
 * Returns the bytes that `readGeoTable` reads: see lambda/geo/geo-layout.ts.
 *
 * @throws InputError if the ranges have more countries or operators than the format can number
 */
export function geoTableBytes({ dataTime, sources, networks, operatorNames, aws }: GeoContent): Uint8Array {
  const all = [...networks.ipv4, ...networks.ipv6];
  const countries = distinct(all.map(({ country }) => country)).sort();
  const asNumbers = distinct(all.map(({ asn }) => asn)).sort((a, b) => a - b);
  checkMaximum('countries', countries.length, maxCountries);
  checkMaximum('operators', asNumbers.length, maxOperators);
  const services = distinct([...aws.ipv4, ...aws.ipv6].map(serviceLine)).sort();
  const countryNumber = numberingOf(countries);
  const operatorNumber = numberingOf(asNumbers);
  const serviceNumber = numberingOf(services);
  const networkTable = rangeTable(networks, ({ country, asn }) =>
    networkValue(countryNumber(country), operatorNumber(asn)),
  );
  const awsTable = rangeTable(aws, (range) => serviceNumber(serviceLine(range)));
  const names = asNumbers.map((asn) => Buffer.from(operatorNames.get(asn) ?? ''));
  const text = (lines: readonly string[]) => Buffer.from(lines.join('\n'));
  const content = {
    sources: text(sources),
    countries: Buffer.from(countries.join('')),
    awsServices: text(services),
    asNumbers: Uint32Array.from(asNumbers),
    names: Buffer.concat(names),
    nameEnds: endsOf(names),
  };
  const header: GeoHeader = {
    version: geoVersion,
    checksum: 0,
    namesChecksum: 0,
    dataTime,
    sourcesBytes: content.sources.length,
    countries: countries.length,
    awsServicesBytes: content.awsServices.length,
    operators: asNumbers.length,
    nameBytes: content.names.length,
    networksIpv4: networkTable.ipv4.values.length,
    networksIpv6Upper: networkTable.ipv6Upper.values.length,
    networksIpv6Full: networkTable.ipv6Full.values.length,
    awsIpv4: awsTable.ipv4.values.length,
    awsIpv6Upper: awsTable.ipv6Upper.values.length,
    awsIpv6Full: awsTable.ipv6Full.values.length,
  };
  const sections = geoSections(header);
  const bytes = new Uint8Array(sections.end);
  const put = ({ begin }: { readonly begin: number }, part: Uint8Array | Uint32Array) =>
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), begin);
  for (const name of ['sources', 'countries', 'awsServices', 'asNumbers', 'names', 'nameEnds'] as const)
    put(sections[name], content[name]);
  for (const [section, table] of [[sections.networks, networkTable] as const, [sections.aws, awsTable] as const]) {
    for (const kind of ['ipv4', 'ipv6Upper', 'ipv6Full'] as const) {
      put(section[kind].starts, table[kind].starts);
      put(section[kind].values, table[kind].values);
    }
  }
  putHeader(bytes, header);
  return bytes;
}

/** Writes the header with the checksums of the other bytes. */
function putHeader(bytes: Uint8Array, header: GeoHeader): void {
  const { namesBegin } = geoSections(header);
  const withNames = { ...header, namesChecksum: crc32(bytes.subarray(namesBegin)) };
  bytes.set(geoHeaderOf(withNames));
  const checksum = crc32(bytes.subarray(checkedFrom, namesBegin));
  bytes.set(geoHeaderOf({ ...withNames, checksum }));
}

function checkMaximum(noun: string, count: number, max: number): void {
  if (count > max)
    throw new InputError(`the ranges have too many ${noun}: got ${count}, expected at most ${max}; check the file`);
}

function serviceLine({ region, service }: AwsService): string {
  return `${region}\t${service}`;
}

function distinct<T>(values: readonly (T | undefined)[]): T[] {
  return [...new Set(values)].filter((value) => value !== undefined);
}

/** Numbers the items from 1. Returns a function that returns the number of an item, and 0 for undefined. */
function numberingOf<T>(items: readonly T[]): (item: T | undefined) => number {
  const numbers = new Map(items.map((item, index) => [item, index + 1]));
  return (item) => (item === undefined ? 0 : numbers.get(item)!);
}

function endsOf(names: readonly Uint8Array[]): Uint32Array {
  let end = 0;
  return Uint32Array.from(names, ({ length }) => {
    end += length;
    return end;
  });
}
