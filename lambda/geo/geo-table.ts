import { parseAddressWords } from './address-words.ts';
import { countryOf, operatorOf } from './geo-layout.ts';
import type { OperatorNames } from './operator-names.ts';
import { isPublic } from './public-address.ts';
import { type RangeTable, valueAt } from './range-table.ts';

/** The facts about an address. */
export interface GeoEntry {
  /** The country of the registry or the operator: ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** The number of the autonomous system that announces the address. */
  readonly asn?: number;
  readonly asName?: string;
  /** The AWS Region, such as `eu-central-1`, or `GLOBAL`. */
  readonly awsRegion?: string;
  /** The AWS service as in ip-ranges.json, such as `S3`. */
  readonly awsService?: string;
}

/** A service in a Region, as in ip-ranges.json. */
export interface AwsService {
  readonly region: string;
  readonly service: string;
}

/** The parts of a table whose indexes have been checked. */
export interface GeoTableParts {
  /** The time of the data, in epoch seconds. */
  readonly dataTime: number;
  /** The names of the files that the table was built from. */
  readonly sources: readonly string[];
  readonly countries: readonly string[];
  readonly asNumbers: Uint32Array;
  readonly awsServices: readonly AwsService[];
  /** Ranges of countries and operators: see `networkValue`. */
  readonly networks: RangeTable;
  /** Ranges of AWS: the values are indexes of `awsServices`, from 1. */
  readonly aws: RangeTable;
  /** Undefined if the names are left out. */
  readonly names: OperatorNames | undefined;
}

/** A table of countries, operators and AWS Regions by address. `readGeoTable` makes it from bytes. */
export class GeoTable {
  readonly dataTime: number;
  readonly sources: readonly string[];
  readonly #parts: GeoTableParts;

  constructor(parts: GeoTableParts) {
    this.dataTime = parts.dataTime;
    this.sources = parts.sources;
    this.#parts = parts;
  }

  /** The numbers of countries, operators and ranges; a gap is not a range. */
  get counts() {
    const { countries, asNumbers, networks, aws } = this.#parts;
    return {
      countries: countries.length,
      operators: asNumbers.length,
      ipv4Ranges: rangesIn(networks.ipv4.values),
      ipv6Ranges: rangesIn(networks.ipv6Upper.values) + rangesIn(networks.ipv6Full.values),
      awsRanges: [aws.ipv4, aws.ipv6Upper, aws.ipv6Full].reduce((sum, { values }) => sum + rangesIn(values), 0),
    };
  }

  /** Returns the number of ranges of each country. */
  get rangesByCountry(): ReadonlyMap<string, number> {
    const { countries, networks } = this.#parts;
    const counts = new Array<number>(countries.length + 1).fill(0);
    for (const { values } of [networks.ipv4, networks.ipv6Upper, networks.ipv6Full]) {
      for (const value of values) counts[countryOf(value)]! += 1;
    }
    return new Map(countries.map((country, index) => [country, counts[index + 1]!]));
  }

  /**
   * Returns the facts about an address; undefined if the table has none, the address is not public, or the text is not an
   * address. An IPv4-mapped or NAT64 IPv6 address has those of its IPv4 address.
   */
  lookup(address: string): GeoEntry | undefined {
    const count = parseAddressWords(address, words);
    const isIpv4 = count === 1;
    if (count === 0 || !isPublic(words[0]!, isIpv4)) return undefined;
    return this.entryOf(valueAt(this.#parts.networks, words, isIpv4), valueAt(this.#parts.aws, words, isIpv4));
  }

  /** The ranges of countries and operators, and those of AWS, with the values for `entryOf`. */
  get ranges(): Pick<GeoTableParts, 'networks' | 'aws'> {
    return this.#parts;
  }

  /** Returns the facts of the values of a range of networks and a range of AWS; undefined if both are 0. */
  entryOf(network: number, service: number): GeoEntry | undefined {
    if (network === 0 && service === 0) return undefined;
    const { countries, asNumbers, awsServices, names } = this.#parts;
    const operator = operatorOf(network) - 1;
    const country = countries[countryOf(network) - 1];
    const asn = operator < 0 ? undefined : asNumbers[operator];
    const asName = operator < 0 ? undefined : names?.nameOf(operator);
    const aws = awsServices[service - 1];
    const entry: { -readonly [Name in keyof GeoEntry]: GeoEntry[Name] } = {};
    if (country !== undefined) entry.country = country;
    if (asn !== undefined) entry.asn = asn;
    if (asName !== undefined) entry.asName = asName;
    if (aws) {
      entry.awsRegion = aws.region;
      entry.awsService = aws.service;
    }
    return entry;
  }
}

/** The words of the address that is looked up now. */
const words = new Uint32Array(4);

/** The regions of addresses, and the time of the data in epoch seconds. */
export type RegionSource = Pick<GeoTable, 'lookup' | 'dataTime'>;

/** Returns whether a text is an address that a table can know: a public one. */
export function isPublicAddress(address: string): boolean {
  const count = parseAddressWords(address, words);
  return count > 0 && isPublic(words[0]!, count === 1);
}

function rangesIn(values: Uint32Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count += 1;
  return count;
}
