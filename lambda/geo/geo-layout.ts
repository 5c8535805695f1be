/**
 * The layout of a geo table, for its reader and its writer. All numbers are unsigned, have 32 bits and are little-endian.
 * The header is the magic and `headerFields`; the sections follow without gaps, each padded with zeros to four bytes.
 */

/** The first bytes of each table. */
export const geoMagic = Buffer.from('FSGEOTAB');

/** The format that this release writes and reads. */
export const geoVersion = 1;

const headerFields = [
  'version',
  /** CRC-32 of the bytes from `namesChecksum` to the beginning of the names. */
  'checksum',
  /** CRC-32 of the names. */
  'namesChecksum',
  /** The time of the data, in epoch seconds. */
  'dataTime',
  /** Bytes of the sources' names: UTF-8, a name each line. */
  'sourcesBytes',
  /** Number of countries, two ASCII letters each. */
  'countries',
  /** Bytes of the pairs of an AWS Region and a service: UTF-8, `region<TAB>service` each line. */
  'awsServicesBytes',
  /** Number of operators, ascending by AS number. */
  'operators',
  /** Bytes of the operators' names, UTF-8. */
  'nameBytes',
  /** Numbers of starts: see RangeStarts. */
  'networksIpv4',
  'networksIpv6Upper',
  'networksIpv6Full',
  'awsIpv4',
  'awsIpv6Upper',
  'awsIpv6Full',
] as const;

export type GeoHeader = Readonly<Record<(typeof headerFields)[number], number>>;

/** Offset of the first byte that `checksum` covers. */
export const checkedFrom = geoMagic.length + 4 * headerFields.indexOf('namesChecksum');

export const geoHeaderBytes = geoMagic.length + 4 * headerFields.length;

/** Upper bounds: the number of a country has 8 bits of a value, and the number of an operator 24. */
export const maxCountries = 255;
export const maxOperators = 0xff_ffff;
export const maxTextBytes = 1024 * 1024;

/** Returns the header of bytes that begin with the magic. @throws RangeError if the bytes end before the header */
export function readGeoHeader(bytes: Uint8Array): GeoHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = headerFields.map((name, index) => [name, view.getUint32(geoMagic.length + 4 * index, true)]);
  return Object.fromEntries(fields) as GeoHeader;
}

/** Returns the bytes of a header, with the magic. */
export function geoHeaderOf(header: GeoHeader): Uint8Array {
  const bytes = new Uint8Array(geoHeaderBytes);
  bytes.set(geoMagic);
  const view = new DataView(bytes.buffer);
  for (const [index, name] of headerFields.entries()) view.setUint32(geoMagic.length + 4 * index, header[name], true);
  return bytes;
}

/** Begin and length of a section, in bytes. */
export interface GeoSection {
  readonly begin: number;
  readonly bytes: number;
}

/** Returns the sections that a header announces. The names come last, so that a reader can leave them out. */
export function geoSections(header: GeoHeader) {
  let end = geoHeaderBytes;
  const next = (bytes: number): GeoSection => {
    const begin = end;
    end += 4 * Math.ceil(bytes / 4);
    return { begin, bytes };
  };
  const startsAndValues = (width: 1 | 2 | 4, count: number) => ({
    width,
    starts: next(4 * width * count),
    values: next(4 * count),
  });
  const rangeTable = (ipv4: number, ipv6Upper: number, ipv6Full: number) => ({
    ipv4: startsAndValues(1, ipv4),
    ipv6Upper: startsAndValues(2, ipv6Upper),
    ipv6Full: startsAndValues(4, ipv6Full),
  });
  const sections = {
    sources: next(header.sourcesBytes),
    countries: next(2 * header.countries),
    awsServices: next(header.awsServicesBytes),
    asNumbers: next(4 * header.operators),
    networks: rangeTable(header.networksIpv4, header.networksIpv6Upper, header.networksIpv6Full),
    aws: rangeTable(header.awsIpv4, header.awsIpv6Upper, header.awsIpv6Full),
  };
  const namesBegin = end;
  return { ...sections, nameEnds: next(4 * header.operators), names: next(header.nameBytes), namesBegin, end };
}

export type GeoSections = ReturnType<typeof geoSections>;

/**
 * Packs the numbers of a country and an operator into the value of a range. The numbers begin at 1, in the order of their
 * sections; 0 means that none is known.
 */
export function networkValue(country: number, operator: number): number {
  return country * 2 ** 24 + operator;
}

/** Returns the number of the country in the value of a range; 0 if no country is known. */
export function countryOf(value: number): number {
  return value >>> 24;
}

/** Returns the number of the operator in the value of a range; 0 if no operator is known. */
export function operatorOf(value: number): number {
  return value & 0xff_ffff;
}
